import type { Draft } from '~/screens/operate-tenant-new/draft.ts'
import { newTenantTexts as texts } from '~/texts/tenant-new.ts'

/** What will be made, once more. */
export function MakeStep({ draft }: { readonly draft: Draft }) {
  const { details, limits, steps, make, looks } = texts
  const sources = Object.entries(draft.sources).filter(([, { location }]) => location !== '')
  const rows: readonly (readonly [string, string])[] = [
    [details.name, draft.name],
    [details.slug, draft.slug],
    [details.timeZone, draft.timeZone],
    [details.admin, draft.admin || make.nobody],
    [steps.place, draft.isolation === 'cell' ? draft.cell : make.shared],
    [steps.packs, draft.packs?.join(', ') ?? make.everything],
    ...(sources.length === 0
      ? [[steps.sources, make.asPack] as const]
      : sources.map(([name, { location }]) => [name, location] as const)),
    [limits.weight, draft.weight],
    [limits.limit, draft.limit || make.noLimit],
    [limits.rate, draft.rate || make.noLimit],
    [looks.colour, draft.colour || make.usual],
  ]
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-soft">{make.note}</p>
      <dl className="grid max-w-160 grid-cols-[minmax(8rem,auto)_1fr] gap-x-6 gap-y-1.5 text-sm">
        {rows.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-faint">{label}</dt>
            <dd className="[overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
