import { useZone } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressValues, useSetAddress } from '~/browser/address.ts'
import { dayIn } from '~/intake/days.ts'
import { ArrivalCalendar } from '~/screens/source/arrival-calendar.tsx'
import { arrivalColumns } from '~/screens/source/arrival-columns.tsx'
import type { Arrival } from '~/screens/source/arrival.ts'
import { FlowBars } from '~/screens/source/flow-bars.tsx'
import { StageBar } from '~/screens/source/stage-bar.tsx'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable } from '~/ui/data-table.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

const DAYS = 366
const LIMIT = 1_000

/** What came in: by day, reading by reading, and one reading on its way through. */
export function ArrivalsTab({
  source,
  onSettings,
}: {
  readonly source: string
  readonly onSettings: () => void
}) {
  const zone = useZone()
  const { day, version } = useAddressValues()
  const set = useSetAddress()
  const arrivals = useOperation('sources.arrivals', { dataset: source, days: DAYS, limit: LIMIT })
  return (
    <Answer of={arrivals}>
      {({ arrivals: all }) => {
        if (all.length === 0) {
          return (
            <Card>
              <Empty
                title={texts.none}
                action={
                  <Button operation="sources.configure" onClick={onSettings}>
                    {texts.toSettings}
                  </Button>
                }
              >
                {texts.noneHint}
              </Empty>
            </Card>
          )
        }
        const shown = all.filter(({ at }) => day === undefined || dayIn(at, zone) === day)
        const picked = all.find((one) => String(one.version) === version) ?? shown[0] ?? all[0]
        const pick = (arrival: Arrival) => set({ version: String(arrival.version) })
        return (
          <>
            <div className="grid min-w-0 gap-4 xl:grid-cols-2">
              <Card title={texts.calendar} note={texts.calendarNote}>
                <ArrivalCalendar
                  arrivals={all}
                  picked={day ?? null}
                  onPick={(next) =>
                    set({ day: next === day ? undefined : next, version: undefined })
                  }
                />
              </Card>
              <Card title={texts.flow} note={texts.flowNote}>
                <FlowBars arrivals={shown} picked={picked?.version ?? null} onPick={pick} />
              </Card>
            </div>
            {picked && <StageBar arrival={picked} />}
            <Card
              flush
              title={texts.list}
              note={day === undefined ? undefined : texts.dayFilter(day)}
              actions={
                day !== undefined && (
                  <Button size="small" look="quiet" onClick={() => set({ day: undefined })}>
                    {texts.showAll}
                  </Button>
                )
              }
            >
              <DataTable
                label={texts.list}
                columns={arrivalColumns}
                rows={shown}
                rowKey={(one) => one.version}
                selected={(one) => one.version === picked?.version}
                onOpen={pick}
              />
            </Card>
          </>
        )
      }}
    </Answer>
  )
}
