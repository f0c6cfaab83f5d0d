import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Grid3x3, Play, Workflow } from 'lucide-react'
import { useState } from 'react'

import { useMay, useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { PlanDialog } from '~/plan/plan-dialog.tsx'
import { History } from '~/screens/analysis/history.tsx'
import { Overview } from '~/screens/analysis/overview.tsx'
import { analysesTexts } from '~/texts/analyses.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Card, Stat } from '~/ui/card.tsx'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Tabs } from '~/ui/segments.tsx'
import { shownStates } from '~/ui/state-counts.ts'
import { Answer } from '~/ui/states.tsx'
import { StatusBar } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

const texts = analysesTexts.one

type Analysis = OutputOf<'analyses.show'>
type Tab = 'code' | 'history'

/** One analysis: how it stands, its code, what came of the last change. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const { dataset = '' } = useParams({ strict: false })
  const analysis = useOperation('analyses.show', { analysis: dataset })
  const [isRunning, setRunning] = useState(false)
  const navigate = useNavigate()
  return (
    <Page
      title={dataset}
      note={analysis.data?.description}
      above={
        <Link to="/t/$tenant/analyses" params={{ tenant }} className="hover:text-ink">
          {texts.all}
        </Link>
      }
      copy={{ call: { operation: 'analyses.show', input: { analysis: dataset } } }}
      actions={
        <>
          <ButtonLink
            to="/t/$tenant/matrix"
            params={{ tenant }}
            search={{ q: dataset }}
            icon={<Grid3x3 size={14} aria-hidden />}
          >
            {texts.toPartitions}
          </ButtonLink>
          <ButtonLink
            to="/t/$tenant/lineage"
            params={{ tenant }}
            search={{ node: `dataset:${dataset}` }}
            icon={<Workflow size={14} aria-hidden />}
          >
            {texts.toLineage}
          </ButtonLink>
          <Button
            look="primary"
            operation="runs.start"
            icon={<Play size={14} aria-hidden />}
            onClick={() => setRunning(true)}
          >
            {texts.rerun}
          </Button>
        </>
      }
    >
      <Answer of={analysis}>{(data) => <Parts analysis={data} />}</Answer>
      {isRunning && (
        <PlanDialog
          question={{ datasets: [dataset] }}
          what={dataset}
          initialMode="run"
          onClose={() => setRunning(false)}
          onStarted={({ id }) =>
            void navigate({ to: '/t/$tenant/runs/$run', params: { tenant, run: id } })
          }
        />
      )}
    </Page>
  )
}

function Parts({ analysis }: { readonly analysis: Analysis }) {
  const may = useMay()
  const [asked, setTab] = useAddressState<Tab>('tab', 'code')
  const tabs = [
    { value: 'code' as const, label: texts.tabs.code },
    ...(may('analyses.history') ? [{ value: 'history' as const, label: texts.tabs.history }] : []),
  ]
  const tab = tabs.some(({ value }) => value === asked) ? asked : 'code'
  return (
    <>
      <Standing analysis={analysis} />
      <Tabs label={texts.parts} value={tab} onChange={setTab} tabs={tabs}>
        {tab === 'code' ? (
          <Overview analysis={analysis} />
        ) : (
          <History analysis={analysis.analysis} language={analysis.language} />
        )}
      </Tabs>
    </>
  )
}

/** States of its partitions, rows, age, cost and code at a glance. */
function Standing({ analysis }: { readonly analysis: Analysis }) {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const list = useOperation('analyses.list', {})
  const row = list.data?.analyses.find((one) => one.analysis === analysis.analysis)
  const { cost, codeVersion } = analysis
  return (
    <Card>
      <div className="grid grid-cols-2 gap-4 lg:grid-cols-5">
        <div className="col-span-2">
          <button
            type="button"
            className="block w-full rounded text-left"
            onClick={() =>
              void navigate({
                to: '/t/$tenant/matrix',
                params: { tenant },
                search: { q: analysis.analysis },
              })
            }
          >
            <span className="mb-2 block text-xs text-faint">{texts.states}</span>
            {row && (
              <>
                <StatusBar counts={shownStates(row.states)} label={texts.states} />
                <span className="num mt-1.5 block text-xs text-soft">
                  {Object.entries(shownStates(row.states))
                    .map(([state, count]) => `${formatCount(count)} ${state}`)
                    .join(' · ')}
                </span>
              </>
            )}
          </button>
        </div>
        <Stat
          label={texts.rows}
          value={row?.rows == null ? '–' : formatCount(row.rows, true)}
          note={row?.publishedAt != null && <Time at={row.publishedAt} />}
        />
        <Stat
          label={texts.taskTakes}
          value={cost === null ? '–' : formatDuration(Number(cost.taskMs))}
          note={
            cost !== null &&
            `${texts.ofTasks(formatCount(cost.tasks))}, ${texts.bytesRead(formatBytes(Number(cost.readBytes)))}`
          }
        />
        <Stat
          label={texts.codeVersion}
          value={<code className="font-mono text-base">{codeVersion.slice(0, 10)}</code>}
          note={analysis.isVolatile ? texts.volatile : analysis.order}
        />
      </div>
    </Card>
  )
}
