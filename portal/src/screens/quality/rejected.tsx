import { useNavigate } from '@tanstack/react-router'

import { useMay, useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { RankedBars } from '~/intake/ranked-bars.tsx'
import { worstColumns } from '~/intake/reason-words.ts'
import { intakeTexts } from '~/texts/intake.ts'
import { qualityTexts as texts } from '~/texts/quality.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount, formatShare } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'

const SHOWN = 10

/** How much of each source is rejected; nothing at all is worth a large sign. */
export function QuarantineBySource({ dataset }: { readonly dataset: string }) {
  const tenant = useTenant() ?? ''
  const may = useMay()
  const navigate = useNavigate()
  const sources = useOperation('sources.list', {}, { enabled: may('sources.list') })
  if (!may('sources.list')) return null
  return (
    <Card title={texts.quarantine} note={texts.quarantineNote}>
      <Answer of={sources}>
        {({ sources: all }) => {
          const shown = all.filter(({ source }) => dataset === '' || source === dataset)
          const received = shown.reduce((sum, one) => sum + one.received, 0)
          const bad = shown
            .filter(({ quarantined }) => quarantined > 0)
            .toSorted((a, b) => b.quarantined - a.quarantined)
          if (bad.length === 0) {
            return (
              <Empty
                icon={<StatusMark state={received > 0 ? 'passed' : 'missing'} size={32} />}
                title={texts.clean(formatCount(received))}
              >
                {received > 0 && texts.cleanHint}
              </Empty>
            )
          }
          return (
            <RankedBars
              label={texts.quarantine}
              onPick={(source) =>
                void navigate({ to: '/t/$tenant/quarantine/$source', params: { tenant, source } })
              }
              items={bad.slice(0, SHOWN).map((one) => ({
                key: one.source,
                label: one.source,
                name: one.source,
                value: one.quarantined,
                note: texts.ofRows(formatShare(one.quarantined / Math.max(one.received, 1))),
              }))}
            />
          )
        }}
      </Answer>
    </Card>
  )
}

/** Columns by the rejected rows that they are to blame for. */
export function WorstColumns({ dataset }: { readonly dataset: string }) {
  const tenant = useTenant() ?? ''
  const may = useMay()
  const navigate = useNavigate()
  const isSource = useOperation('sources.list', {}, { enabled: may('sources.list') })
  const isOne = isSource.data?.sources.some(({ source }) => source === dataset) ?? false
  const reasons = useOperation('quarantine.reasons', {
    limit: 1_000,
    ...(isOne && { dataset }),
  })
  return (
    <Card title={texts.worst} note={texts.worstNote}>
      <Answer of={reasons}>
        {({ partitions }) => {
          const columns = worstColumns(
            partitions.filter((one) => dataset === '' || one.dataset === dataset),
          ).slice(0, SHOWN)
          if (columns.length === 0) return <Empty title={texts.worstNone} />
          return (
            <RankedBars
              label={texts.worst}
              onPick={(key) =>
                void navigate({
                  to: '/t/$tenant/quarantine/$source',
                  params: { tenant, source: columns[Number(key)]?.dataset ?? '' },
                })
              }
              items={columns.map(({ dataset: of, column, rows }, at) => ({
                key: String(at),
                label: (
                  <>
                    {column ?? intakeTexts.wholeRow}
                    <span className="ml-2 text-xs text-faint">{of}</span>
                  </>
                ),
                name: `${of} ${column ?? intakeTexts.wholeRow}`,
                value: rows,
              }))}
            />
          )
        }}
      </Answer>
    </Card>
  )
}
