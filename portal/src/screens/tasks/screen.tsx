import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { DeadLetters } from '~/screens/tasks/dead-letters.tsx'
import { QueueView } from '~/screens/tasks/queue-view.tsx'
import { Services } from '~/screens/tasks/services.tsx'
import { TaskList } from '~/screens/tasks/task-list.tsx'
import { tasksTexts as texts } from '~/texts/tasks.ts'
import { Page } from '~/ui/page.tsx'
import { Tabs } from '~/ui/segments.tsx'

const tabs = ['queue', 'list', 'dead', 'services'] as const
type Tab = (typeof tabs)[number]

const calls = {
  queue: { operation: 'queue.history', input: { hours: 24 } },
  list: { operation: 'tasks.list', input: {} },
  dead: { operation: 'tasks.deadLetters', input: {} },
  services: { operation: 'handlers.list', input: {} },
} as const

/** The queue: how deep, who waits for what, what failed for good, who carries out what. */
export function Screen() {
  const [tab, setTab] = useAddressState<Tab>('tab', 'queue', tabs)
  const dead = useOperation('tasks.deadLetters', {})
  return (
    <Page title={texts.title} note={texts.note} copy={{ call: calls[tab] }}>
      <Tabs
        label={texts.view}
        value={tab}
        onChange={setTab}
        tabs={tabs.map((value) => ({
          value,
          label: texts.tabs[value],
          ...(value === 'dead' && dead.data && dead.data.tasks > 0 && { count: dead.data.tasks }),
        }))}
      >
        {tab === 'queue' && <QueueView />}
        {tab === 'list' && <TaskList />}
        {tab === 'dead' && <DeadLetters />}
        {tab === 'services' && <Services />}
      </Tabs>
    </Page>
  )
}
