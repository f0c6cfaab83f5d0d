import { useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'

import { useTenant } from '~/api/access.ts'
import { operationQuery } from '~/api/operation.ts'
import type { OutputOf } from '~/api/client.ts'
import { changeOf } from '~/screens/quarantine/change-of.ts'
import { reasonWords } from '~/intake/reason-words.ts'
import { common } from '~/texts/common.ts'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'

type Preview = OutputOf<'quarantine.preview'>

/** Before and after of what is published, computed without publishing anything. */
export function EffectDialog({
  source,
  busy,
  onReplay,
  onClose,
}: {
  readonly source: string
  readonly busy: boolean
  readonly onReplay: () => void
  readonly onClose: () => void
}) {
  const tenant = useTenant()
  const preview = useQuery({
    ...operationQuery(tenant, 'quarantine.preview', { dataset: source }),
    // It computes: once for each opening, and never by itself.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
  return (
    <Dialog
      open
      size="wide"
      onClose={onClose}
      title={texts.previewTitle}
      note={texts.previewNote}
      actions={
        <>
          <Button onClick={onClose}>{common.close}</Button>
          <Button
            look="primary"
            icon={<Play size={14} aria-hidden />}
            operation="quarantine.replay"
            busy={busy}
            disabled={preview.data === undefined}
            onClick={onReplay}
          >
            {texts.replay}
          </Button>
        </>
      }
    >
      <Answer of={preview}>{(data) => <Effects data={data} />}</Answer>
    </Dialog>
  )
}

function Effects({ data }: { readonly data: Preview }) {
  const changing = data.effects.filter(({ changed }) => changed?.length !== 0)
  return (
    <div className="flex flex-col gap-5 text-sm">
      <section className="flex flex-col gap-2">
        <h3 className="font-semibold">{texts.partsOf}</h3>
        <Compared
          label={texts.partsOf}
          rows={data.partitions.flatMap(({ partition, before, after }) =>
            (['accepted', 'repaired', 'quarantined'] as const).map((key) => ({
              name: `${partition} · ${key}`,
              before: before && String(before[key]),
              after: String(after[key]),
            })),
          )}
        />
        {data.partitions.some(({ reasons }) => reasons.length > 0) && (
          <p className="text-xs text-faint">
            {`${texts.stillHeld}: ${[
              ...new Set(
                data.partitions.flatMap(({ reasons }) => reasons.map((one) => one.reason)),
              ),
            ]
              .map(reasonWords)
              .join(', ')}`}
          </p>
        )}
        {data.notRead > 0 && <p className="text-xs text-faint">{texts.notRead(data.notRead)}</p>}
      </section>
      <section className="flex flex-col gap-3">
        <h3 className="font-semibold">{texts.figures}</h3>
        {changing.length === 0 && <Empty title={texts.noEffect} />}
        {changing.map((effect) => (
          <div key={effect.dataset} className="flex flex-col gap-1">
            <div className="flex flex-wrap items-baseline gap-2">
              <span className="font-medium">{effect.dataset}</span>
              <span className="text-xs text-faint">
                {effect.changed === null
                  ? texts.notComputed
                  : texts.partsAgain(
                      formatCount(effect.changed.length),
                      formatCount(effect.partitions),
                    )}
              </span>
            </div>
            <Compared
              label={effect.dataset}
              rows={[
                ...(effect.rows === null
                  ? []
                  : [
                      {
                        name: texts.rowCount,
                        before: String(effect.rows.before),
                        after: String(effect.rows.after),
                      },
                    ]),
                ...effect.sums.map(({ column, before, after }) => ({
                  name: `Σ ${column}`,
                  before,
                  after,
                })),
              ]}
            />
          </div>
        ))}
      </section>
      {data.endpoints.length > 0 && (
        <section>
          <h3 className="font-semibold">{texts.endpoints}</h3>
          <p className="text-soft">{data.endpoints.join(', ')}</p>
        </section>
      )}
    </div>
  )
}

/** Figures before and after, those that change in front of the eye. */
function Compared({
  label,
  rows,
}: {
  readonly label: string
  readonly rows: readonly {
    readonly name: string
    readonly before: string | null
    readonly after: string | null
  }[]
}) {
  if (rows.length === 0) return null
  return (
    <div role="region" aria-label={label} tabIndex={0} className="overflow-x-auto">
      <table className="num w-full min-w-80 border-collapse text-sm">
        <thead>
          <tr className="border-b border-line text-xs text-soft">
            <th scope="col" className="text-left font-medium">
              {texts.figure}
            </th>
            <th scope="col" className="w-32 py-1 text-right font-medium">
              {texts.before}
            </th>
            <th scope="col" className="w-32 py-1 text-right font-medium">
              {texts.after}
            </th>
            <th scope="col" className="w-28 py-1 text-right font-medium">
              {texts.change}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, before, after }) => {
            const change = changeOf(before, after)
            return (
              <tr key={name} className={change === '' ? 'text-faint' : 'text-ink'}>
                <th scope="row" className="truncate py-1 pr-2 text-left font-normal">
                  {name}
                </th>
                <td className="py-1 text-right">{before ?? '–'}</td>
                <td className="py-1 text-right font-medium">{after ?? '–'}</td>
                <td className="py-1 text-right text-busy">{change}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
