import type { OutputOf } from '~/api/client.ts'
import { queriesTexts as texts } from '~/texts/queries.ts'
import { formatBytes, formatCount } from '~/ui/format.ts'

type Plan = OutputOf<'queries.explain'>

/** What a query would read, biggest first, and how the engine goes about it. */
export function PlanView({ plan }: { readonly plan: Plan }) {
  const most = Math.max(...plan.datasets.map(({ bytes }) => bytes), 1)
  return (
    <div className="flex flex-col gap-5 p-4 text-sm">
      <section className="flex flex-col gap-2">
        <h3 className="text-xs font-semibold text-soft">{texts.reads}</h3>
        <ul className="flex flex-col gap-2">
          {plan.datasets
            .toSorted((a, b) => b.bytes - a.bytes)
            .map(({ dataset, first, last, partitions, rows, bytes, files }) => (
              <li key={dataset} className="flex flex-col gap-1">
                <div className="flex flex-wrap items-baseline gap-x-3">
                  <code className="font-mono text-xs font-medium">{dataset}</code>
                  <span className="num text-xs text-faint">
                    {first === last ? first : `${first} … ${last}`} ·{' '}
                    {texts.partitions(formatCount(partitions))} · {texts.files(formatCount(files))}
                  </span>
                  <span className="num ml-auto text-xs text-soft">
                    {texts.rows(formatCount(rows))} · {formatBytes(bytes)}
                  </span>
                </div>
                <span aria-hidden className="h-1.5 rounded-full bg-sunken">
                  <span
                    className="block h-full min-w-0.5 rounded-full bg-series-1"
                    style={{ width: `${(bytes / most) * 100}%` }}
                  />
                </span>
              </li>
            ))}
        </ul>
        <p className="num text-xs text-faint">
          {texts.inAll} {texts.rows(formatCount(plan.rows))} · {formatBytes(plan.bytes)}
        </p>
      </section>
      <section className="flex flex-col gap-2">
        <h3 className="text-xs font-semibold text-soft">{texts.answerColumns}</h3>
        <ul className="flex flex-wrap gap-1.5">
          {plan.columns.map(({ name, type }) => (
            <li key={name} className="rounded bg-sunken px-1.5 py-0.5 font-mono text-xs">
              {name} <span className="text-faint">{type.toLowerCase()}</span>
            </li>
          ))}
        </ul>
      </section>
      <section className="flex flex-col gap-2">
        <h3 className="text-xs font-semibold text-soft">{texts.engine}</h3>
        <pre
          tabIndex={0}
          aria-label={texts.engine}
          className="max-h-96 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs"
        >
          {plan.plan.join('\n')}
        </pre>
      </section>
    </div>
  )
}
