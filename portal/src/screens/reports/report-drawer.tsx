import { Link } from '@tanstack/react-router'

import type { Chart } from '#charts/chart-options.ts'
import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { conditionText } from '~/rows/conditions-field.tsx'
import { RowsTable } from '~/rows/rows-table.tsx'
import { lookOfOutcome } from '~/screens/reports/outcomes.tsx'
import { ReportActions } from '~/screens/reports/report-actions.tsx'
import { recipientsOf, subjectOf, whenOf, type ReportRow } from '~/screens/reports/report-words.ts'
import { askedDraftOf } from '~/sending/asked-draft.ts'
import { MailChart } from '~/sending/mail-chart.tsx'
import { formatOfTarget, targetDraftOf } from '~/sending/target-draft.ts'
import { reportsTexts as texts } from '~/texts/reports.ts'
import { sendingTexts } from '~/texts/sending.ts'
import { Drawer } from '~/ui/dialog.tsx'
import { formatCount } from '~/ui/format.ts'
import { AsOf } from '~/ui/page.tsx'
import { Tabs } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status, StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Tab = keyof typeof texts.tabs

/** One report: what it would send now, what it has sent, and by which rules. */
export function ReportDrawer({
  report,
  onClose,
  onEdit,
}: {
  readonly report: string
  readonly onClose: () => void
  readonly onEdit: () => void
}) {
  const [tab, setTab] = useAddressState<Tab>('part', 'preview')
  const shown = useOperation('reports.show', { report }, { enabled: report !== '' })
  return (
    <Drawer open={report !== ''} onClose={onClose} size="wide" title={report}>
      <Answer of={shown}>
        {(data) => (
          <div className="flex flex-col gap-4">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <p className="min-w-0 text-sm text-soft [overflow-wrap:anywhere]">{whenOf(data)}</p>
              <ReportActions row={data} onEdit={onEdit} />
            </div>
            <Tabs
              label={texts.tab}
              value={tab}
              onChange={setTab}
              tabs={(['preview', 'history', 'rules'] as const).map((value) => ({
                value,
                label: texts.tabs[value],
              }))}
            >
              {tab === 'preview' && <Preview row={data} />}
              {tab === 'history' && <History report={report} />}
              {tab === 'rules' && <Rules row={data} />}
            </Tabs>
          </div>
        )}
      </Answer>
    </Drawer>
  )
}

function Preview({ row: { report, chart } }: { readonly row: ReportRow }) {
  const preview = useOperation('reports.preview', { report, limit: 100 })
  return (
    <Answer of={preview}>
      {({ would, detail, rows, receipt, asOf, columns, sample }) => (
        <div className="flex flex-col gap-3">
          <div className="flex flex-col gap-1">
            <p className="flex items-center gap-2 font-medium">
              <StatusMark state={lookOfOutcome(would)} />
              {texts.would[would]}
              {rows !== null && (
                <span className="num font-normal text-faint">{texts.rows(formatCount(rows))}</span>
              )}
            </p>
            {(would === 'held' || would === 'failed') && (
              <p className="text-sm text-soft [overflow-wrap:anywhere]">{detail}</p>
            )}
            <AsOf asOf={asOf} receipt={receipt} />
          </div>
          {chart !== null && <MailChart chart={chart as unknown as Chart} rows={sample} />}
          <div className="overflow-hidden rounded-md border border-line">
            <RowsTable
              label={texts.previewOf}
              columns={columns}
              rows={sample}
              empty={<Empty title={texts.noRows} />}
            />
          </div>
        </div>
      )}
    </Answer>
  )
}

function History({ report }: { readonly report: string }) {
  const tenant = useTenant() ?? ''
  const history = useOperation('reports.history', { report, limit: 100 })
  return (
    <Answer of={history}>
      {({ runs }) =>
        runs.length === 0 ? (
          <Empty title={texts.noHistory} />
        ) : (
          <ul className="divide-y divide-line rounded-md border border-line text-sm">
            {runs.map((run) => (
              <li
                key={run.number}
                className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2"
              >
                <Status state={lookOfOutcome(run.state)} label={texts.outcomes[run.state]} />
                <span className="text-soft">
                  <Time at={run.at} exact />
                </span>
                {run.rows !== null && (
                  <span className="num text-faint">{texts.rows(formatCount(run.rows))}</span>
                )}
                {run.delivery !== null && (
                  <Link
                    to="/t/$tenant/deliveries"
                    params={{ tenant }}
                    search={{ delivery: run.delivery }}
                    className="ml-auto text-accent underline"
                  >
                    {texts.delivery}
                  </Link>
                )}
                {run.detail !== '' && (
                  <p className="w-full text-xs text-soft [overflow-wrap:anywhere]">{run.detail}</p>
                )}
              </li>
            ))}
          </ul>
        )
      }
    </Answer>
  )
}

function Rules({ row }: { readonly row: ReportRow }) {
  const rules = [
    ...(row.onlyChanged ? [texts.onlyChanged] : []),
    ...(row.skipEmpty ? [texts.skipEmpty] : []),
    ...(row.complete ? [texts.complete] : []),
  ]
  const { where, select, sort } = askedDraftOf(row.asked)
  const { kind, table, mode, key, removeOthers, location } = targetDraftOf(row)
  const facts: [string, React.ReactNode][] = [
    [texts.sends, subjectOf(row)],
    ...where.map((one): [string, string] => [texts.where, conditionText(one)]),
    ...(select.length > 0 ? [[texts.columns, select.join(', ')] as [string, string]] : []),
    ...(sort === '' ? [] : [[texts.sort, sortText(sort)] as [string, string]]),
    [texts.format, formatOfTarget(targetDraftOf(row)) ?? row.format],
    [texts.when, whenOf(row)],
    [texts.recipients, recipientsOf(row)],
    ...given([
      [texts.place.table, table],
      [texts.place.mode, kind === 'postgres' ? sendingTexts.modes[mode] : ''],
      [texts.place.key, key.join(', ')],
      [texts.place.removeOthers, removeOthers ? texts.othersGo : ''],
      [texts.place.location, location],
    ]),
    [texts.rules, rules.length === 0 ? texts.always : rules.join(' · ')],
    [texts.inName, row.askedBy],
    [texts.changed, <Time key="at" at={row.changedAt} exact />],
  ]
  return (
    <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-3 gap-y-2 text-sm">
      {facts.map(([name, value], at) => (
        // Conditions have one name; their order stays.
        <div key={`${name} ${at}`} className="contents">
          <dt className="text-faint">{name}</dt>
          <dd className="[overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** What nobody has said is not shown. */
const given = (facts: readonly [string, string][]) => facts.filter(([, value]) => value !== '')

/** `events, most first; company, least first`. */
const sortText = (sort: string): string =>
  sort
    .split(',')
    .map((one) =>
      one.startsWith('-') ? sendingTexts.sortDown(one.slice(1)) : sendingTexts.sortUp(one),
    )
    .join('; ')
