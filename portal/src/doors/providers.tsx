import { signIn } from '~/texts/sign-in.ts'

/** Other ways in: by an account that somebody has elsewhere. `returnTo` is a path of the portal. */
export function Providers({
  providers,
  returnTo,
}: {
  readonly providers: readonly { readonly name: string; readonly link: string }[]
  readonly returnTo?: string | undefined
}) {
  if (providers.length === 0) return null
  return (
    <ul className="flex flex-col gap-2">
      {providers.map(({ name, link }) => {
        const to = new URL(link)
        if (returnTo !== undefined) to.searchParams.set('returnTo', returnTo)
        return (
          <li key={link}>
            <a
              href={to.href}
              className="flex h-9 items-center justify-center rounded-md border border-line bg-surface px-3 text-sm font-medium hover:bg-sunken"
            >
              <span className="truncate">{signIn.with(name)}</span>
            </a>
          </li>
        )
      })}
    </ul>
  )
}

/** A line with a word in it, between two ways. */
export function Or() {
  return (
    <div className="flex items-center gap-3 text-xs text-faint">
      <span className="h-px grow bg-line" />
      {signIn.or}
      <span className="h-px grow bg-line" />
    </div>
  )
}
