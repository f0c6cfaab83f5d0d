import { Link, useParams } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { ComparePanel } from '~/screens/run/compare-panel.tsx'
import { Failures } from '~/screens/run/failures.tsx'
import { Findings } from '~/screens/run/findings.tsx'
import { PathPanel } from '~/screens/run/path-panel.tsx'
import { RunActions } from '~/screens/run/run-actions.tsx'
import { RunHead } from '~/screens/run/run-head.tsx'
import { RunTasks } from '~/screens/run/run-tasks.tsx'
import { TimelineCard } from '~/screens/run/timeline-card.tsx'
import { runTexts as texts } from '~/texts/run.ts'
import { Card } from '~/ui/card.tsx'
import { Page } from '~/ui/page.tsx'
import { Tabs } from '~/ui/segments.tsx'
import { Answer, SkeletonRows } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

const RUNNING_EVERY_MS = 1_500

const tabs = ['tasks', 'path', 'compare', 'findings'] as const
type Tab = (typeof tabs)[number]

/** One run: how far, who did what when, what went wrong, and how it compares. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const { run = '' } = useParams({ strict: false })
  const [tab, setTab] = useAddressState<Tab>('tab', 'tasks')
  const view = useOperation(
    'runs.get',
    { run },
    { everyMs: (data) => (data?.run.state === 'running' ? RUNNING_EVERY_MS : false) },
  )
  const about = view.data?.run

  return (
    <Page
      title={about?.title ?? run}
      wide
      above={
        <Link to="/t/$tenant/runs" params={{ tenant }} className="hover:text-ink hover:underline">
          {texts.runs}
        </Link>
      }
      note={
        about && (
          <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <Status state={about.state} label={texts.states[about.state]} />
            {about.undoneAt !== null && <Status state="undone" label={texts.undone} />}
            <span>{texts.startedBy(about.cause)}</span>
            <Time at={about.createdAt} />
            <code className="font-mono text-xs text-faint">{about.id}</code>
          </span>
        )
      }
      actions={view.data && <RunActions view={view.data} />}
      copy={{ call: { operation: 'runs.get', input: { run } } }}
    >
      <Answer
        of={view}
        waiting={
          <Card>
            <SkeletonRows />
          </Card>
        }
      >
        {(data) => (
          <>
            <RunHead view={data} askedAt={view.dataUpdatedAt} />
            {data.failures.length > 0 && <Failures view={data} />}
            <TimelineCard view={data} />
            <Tabs
              label={texts.view}
              value={tab}
              onChange={setTab}
              tabs={tabs.map((value) => ({
                value,
                label: texts.tabs[value],
                ...(value === 'findings' &&
                  data.checks.length > 0 && { count: data.checks.length }),
              }))}
            >
              {tab === 'tasks' && <RunTasks view={data} />}
              {tab === 'path' && <PathPanel view={data} />}
              {tab === 'compare' && <ComparePanel view={data} />}
              {tab === 'findings' && <Findings view={data} />}
            </Tabs>
          </>
        )}
      </Answer>
    </Page>
  )
}
