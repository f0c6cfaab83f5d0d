import { useMay } from '~/api/access.ts'
import { useAddressState } from '~/browser/address.ts'
import { KeyList } from '~/screens/keys/key-list.tsx'
import { Targets } from '~/screens/keys/targets.tsx'
import { Webhooks } from '~/screens/keys/webhooks.tsx'
import { keys } from '~/texts/keys.ts'
import { Page } from '~/ui/page.tsx'
import { Tabs } from '~/ui/segments.tsx'

type Tab = keyof typeof keys.tabs

const allTabs = ['keys', 'webhooks', 'targets'] as const

const calls = {
  keys: { operation: 'keys.list', input: {} },
  webhooks: { operation: 'subscriptions.list', input: {} },
  targets: { operation: 'targets.list', input: {} },
} as const

/** Machines of the tenant: what they may, what they are told, where their files go. */
export function Screen() {
  const [tab, setTab] = useAddressState<Tab>('tab', 'keys', allTabs)
  const may = useMay()
  const tabs = allTabs
    .filter((value) => may(calls[value].operation))
    .map((value) => ({ value, label: keys.tabs[value] }))
  return (
    <Page title={keys.title} note={keys.note} copy={{ call: calls[tab] }}>
      <Tabs label={keys.views} value={tab} onChange={setTab} tabs={tabs}>
        {tab === 'keys' && <KeyList />}
        {tab === 'webhooks' && <Webhooks />}
        {tab === 'targets' && <Targets />}
      </Tabs>
    </Page>
  )
}
