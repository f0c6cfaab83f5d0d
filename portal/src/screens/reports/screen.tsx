import { CalendarClock, Plus } from 'lucide-react'

import { useOperation } from '~/api/operation.ts'
import { useAddressState, useSetAddress } from '~/browser/address.ts'
import { OutcomeLegend, Outcomes, type CalendarEntry } from '~/screens/reports/outcomes.tsx'
import { ReportActions } from '~/screens/reports/report-actions.tsx'
import { ReportDrawer } from '~/screens/reports/report-drawer.tsx'
import { ReportForm } from '~/screens/reports/report-form.tsx'
import { recipientsOf, subjectOf, whenOf, type ReportRow } from '~/screens/reports/report-words.ts'
import { Weeks } from '~/screens/reports/weeks.tsx'
import { reportsTexts as texts } from '~/texts/reports.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Page } from '~/ui/page.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

const LIMIT = 200

/** Reports: when each is due in the coming weeks, how the last ones came out, and what they send. */
export function Screen() {
  const [shown, setShown] = useAddressState('report', '')
  const [edited] = useAddressState('edit', '')
  const [from] = useAddressState('from', '')
  const setAddress = useSetAddress()
  const reports = useOperation('reports.list', { limit: LIMIT })
  const calendar = useOperation('reports.calendar', { limit: LIMIT, days: 28, runs: 14 })
  const entries = new Map(calendar.data?.reports.map((one) => [one.report, one]))
  const edit = (report: string) => setAddress({ edit: report, from: undefined })
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'reports.list', input: { limit: LIMIT } } }}
      actions={
        <Button
          look="primary"
          operation="reports.create"
          icon={<Plus size={16} aria-hidden />}
          onClick={() => edit('new')}
        >
          {texts.create}
        </Button>
      }
    >
      <Answer of={reports}>
        {({ reports: rows }) => (
          <Card {...(rows.length > 0 && { title: texts.weeks, actions: <OutcomeLegend /> })} flush>
            {rows.length === 0 ? (
              <Empty
                title={texts.empty}
                icon={<CalendarClock size={28} aria-hidden />}
                action={
                  <Button look="primary" operation="reports.create" onClick={() => edit('new')}>
                    {texts.create}
                  </Button>
                }
              >
                {texts.emptyHint}
              </Empty>
            ) : (
              <ul className="divide-y divide-line border-t border-line">
                {rows.map((row) => (
                  <Item
                    key={row.report}
                    row={row}
                    entry={entries.get(row.report)}
                    from={calendar.data?.from}
                    onOpen={() => setShown(row.report)}
                    onEdit={() => edit(row.report)}
                  />
                ))}
              </ul>
            )}
          </Card>
        )}
      </Answer>
      <ReportDrawer
        report={edited === '' ? shown : ''}
        onClose={() => setShown('')}
        onEdit={() => edit(shown)}
      />
      <ReportForm
        report={edited}
        from={from}
        onClose={() => setAddress({ edit: undefined, from: undefined })}
      />
    </Page>
  )
}

function Item({
  row,
  entry,
  from,
  onOpen,
  onEdit,
}: {
  readonly row: ReportRow
  readonly entry: CalendarEntry | undefined
  readonly from: string | undefined
  readonly onOpen: () => void
  readonly onEdit: () => void
}) {
  const { report, state, held, nextAt } = row
  return (
    <li className="grid items-center gap-x-4 gap-y-2 px-4 py-3 lg:grid-cols-[minmax(0,16rem)_minmax(0,17rem)_minmax(0,1fr)_8.5rem_auto]">
      <div className="min-w-0">
        <button
          type="button"
          onClick={onOpen}
          title={report}
          className="block max-w-full truncate text-left text-sm font-medium hover:text-accent hover:underline"
        >
          {report}
        </button>
        <p className="truncate text-xs text-faint" title={subjectOf(row)}>
          {subjectOf(row)}
        </p>
      </div>
      <div className="min-w-0 text-xs text-soft">
        <p className="truncate" title={whenOf(row)}>
          {whenOf(row)}
        </p>
        <p className="truncate text-faint" title={recipientsOf(row)}>
          {texts.to} {recipientsOf(row)} · {row.format}
        </p>
      </div>
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        {state === 'paused' || held ? (
          <Status
            state={state === 'paused' ? 'paused' : 'held'}
            label={state === 'paused' ? texts.states.paused : texts.held}
          />
        ) : row.cron === null ? (
          <span className="text-xs text-faint">{texts.whenArrives}</span>
        ) : (
          <>
            {entry && from !== undefined && (
              <Weeks report={report} times={entry.times} from={from} isMore={entry.more} />
            )}
            {nextAt !== null && (
              <span className="text-xs text-faint">
                {texts.next} <Time at={nextAt} />
              </span>
            )}
          </>
        )}
      </div>
      <div>{entry && <Outcomes runs={entry.runs} />}</div>
      <ReportActions row={row} onEdit={onEdit} />
    </li>
  )
}
