import { useOperation } from '~/api/operation.ts'
import { useAddressState, useSetAddress, useAddressValues } from '~/browser/address.ts'
import { CheckGrid } from '~/screens/quality/check-grid.tsx'
import { ScoreLine } from '~/screens/quality/score-line.tsx'
import { SuggestedChecks } from '~/screens/quality/suggested-checks.tsx'
import { QuarantineBySource, WorstColumns } from '~/screens/quality/rejected.tsx'
import { qualityTexts as texts } from '~/texts/quality.ts'
import { Card, Stat } from '~/ui/card.tsx'
import { Select } from '~/ui/field.tsx'
import { formatCount, formatShare } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

const spans = ['14', '31', '92'] as const

/** Checks by day, rows that were rejected and by whose fault, checks that might be worth having. */
export function Screen() {
  const [dataset, setDataset] = useAddressState('dataset', '')
  const [span, setSpan] = useAddressState<(typeof spans)[number]>('days', '31')
  const days = Number(span)
  const input = { days, ...(dataset !== '' && { dataset }) }
  const score = useOperation('quality.days', input, { keepFormer: true })
  const datasets = useOperation('datasets.list', {})
  const { slot } = useAddressValues()
  const set = useSetAddress()
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'quality.checks', input } }}
      actions={
        <>
          <div className="w-52">
            <Select
              quiet
              label={texts.dataset}
              value={dataset}
              onChange={(value) => {
                set({ check: undefined, of: undefined, slot: undefined })
                setDataset(value)
              }}
              choices={[
                { value: '', label: texts.every },
                ...(datasets.data?.datasets ?? []).map((one) => ({
                  value: one.dataset,
                  label: one.dataset,
                })),
              ]}
            />
          </div>
          <Segments
            label={texts.span}
            value={span}
            onChange={setSpan}
            segments={spans.map((value) => ({ value, label: texts.days[value] }))}
          />
        </>
      }
    >
      <Card title={texts.score} note={texts.scoreNote}>
        <Answer of={score}>
          {({ days: line }) => {
            if (line.every((one) => one.score === null)) {
              return <Empty title={texts.noScore}>{texts.noScoreHint}</Empty>
            }
            return (
              <div className="flex flex-col gap-4">
                <Figures line={line} />
                <ScoreLine
                  days={line}
                  picked={slot ?? null}
                  onPick={(day) => set({ slot: day === slot ? undefined : day })}
                />
              </div>
            )
          }}
        </Answer>
      </Card>
      <CheckGrid dataset={dataset} days={days} />
      <div className="grid min-w-0 gap-4 lg:grid-cols-2">
        <QuarantineBySource dataset={dataset} />
        <WorstColumns dataset={dataset} />
      </div>
      <SuggestedChecks dataset={dataset} datasets={datasets.data?.datasets ?? []} />
    </Page>
  )
}

interface DayFigures {
  readonly score: number | null
  readonly received: number
  readonly quarantined: number
  readonly warned: number
  readonly blocked: number
}

function Figures({ line }: { readonly line: readonly DayFigures[] }) {
  const sum = (key: 'received' | 'quarantined' | 'warned' | 'blocked') =>
    line.reduce((total, day) => total + day[key], 0)
  const latest = line.findLast(({ score }) => score !== null)?.score ?? null
  const received = sum('received')
  return (
    <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
      <Stat label={texts.latest} value={latest === null ? '–' : formatShare(latest)} />
      <Stat label={texts.rows} value={formatCount(received, true)} />
      <Stat
        label={texts.rejected}
        value={formatCount(sum('quarantined'), true)}
        note={received > 0 && texts.rejectedNote(formatShare(sum('quarantined') / received))}
      />
      <Stat
        label={texts.failed}
        value={formatCount(sum('warned') + sum('blocked'), true)}
        note={texts.failedNote(formatCount(sum('blocked')))}
      />
    </div>
  )
}
