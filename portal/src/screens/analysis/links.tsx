import { Link } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { analysesTexts } from '~/texts/analyses.ts'
import { KindIcon } from '~/ui/kind-icon.tsx'

const texts = analysesTexts.one

type LinkRow = OutputOf<'analyses.show'>['inputs'][number]

/** What it reads or feeds, each with how, and the way there. */
export function Links({
  links,
  none,
}: {
  readonly links: readonly LinkRow[]
  readonly none: string
}) {
  if (links.length === 0) return <p className="text-sm text-soft">{none}</p>
  return (
    <ul className="flex flex-col">
      {links.map((link) => (
        <li key={`${link.kind} ${link.name}`} className="border-t border-line first:border-0">
          <Way link={link}>
            <KindIcon kind={link.kind} />
            <span className="min-w-0 grow">
              <span className="block truncate font-medium">{link.name}</span>
              <span className="block text-xs text-faint">{link.reads}</span>
            </span>
            <span className="text-xs text-faint">{texts.kinds[link.kind]}</span>
          </Way>
        </li>
      ))}
    </ul>
  )
}

function Way({ link, children }: { readonly link: LinkRow; readonly children: React.ReactNode }) {
  const tenant = useTenant() ?? ''
  const className = 'flex items-center gap-2.5 rounded px-1 py-1.5 text-sm hover:bg-sunken'
  const { kind, name } = link
  if (kind === 'source') {
    return (
      <Link to="/t/$tenant/sources/$source" params={{ tenant, source: name }} className={className}>
        {children}
      </Link>
    )
  }
  if (kind === 'analysis') {
    return (
      <Link
        to="/t/$tenant/analyses/$dataset"
        params={{ tenant, dataset: name }}
        className={className}
      >
        {children}
      </Link>
    )
  }
  return (
    <Link
      to="/t/$tenant/endpoints/$endpoint"
      params={{ tenant, endpoint: name }}
      className={className}
    >
      {children}
    </Link>
  )
}
