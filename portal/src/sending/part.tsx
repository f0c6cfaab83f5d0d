/** A part of a form under a heading of its own. */
export function Part({
  title,
  children,
}: {
  readonly title: string
  readonly children: React.ReactNode
}) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-3">
      <legend className="mb-2 text-xs font-semibold tracking-wide text-soft">{title}</legend>
      {children}
    </fieldset>
  )
}
