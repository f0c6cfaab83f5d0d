import { useMay, useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { Embedding } from '~/screens/settings/embedding.tsx'
import { Ending } from '~/screens/settings/ending.tsx'
import { General } from '~/screens/settings/general.tsx'
import { Keeping } from '~/screens/settings/keeping.tsx'
import { Looks } from '~/screens/settings/looks.tsx'
import { MailList } from '~/screens/settings/mail.tsx'
import type { TenantSettings } from '~/screens/settings/tenant-settings.ts'
import { settingsTexts as texts } from '~/texts/settings.ts'
import { Page } from '~/ui/page.tsx'
import { Tabs } from '~/ui/segments.tsx'
import { Answer } from '~/ui/states.tsx'

const tabs = ['general', 'looks', 'keeping', 'embedding', 'mail', 'end'] as const
type Tab = (typeof tabs)[number]

/** What the tenant's admins may say, each subject on a tab of its own. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const may = useMay()
  const [tab, setTab] = useAddressState<Tab>('tab', 'general')
  const settings = useOperation('tenants.show', { slug: tenant })
  const shown = tabs.filter((one) => one !== 'end' || may('tenants.export'))
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'tenants.show', input: { slug: tenant } } }}
    >
      <Tabs
        label={texts.title}
        value={tab}
        onChange={setTab}
        tabs={shown.map((value) => ({ value, label: texts.tabs[value] }))}
      >
        <Answer of={settings}>
          {/* Former input goes when somebody else has changed what is behind it. */}
          {(data) => <Part key={JSON.stringify(data)} tab={tab} settings={data} />}
        </Answer>
      </Tabs>
    </Page>
  )
}

function Part({ tab, settings }: { readonly tab: Tab; readonly settings: TenantSettings }) {
  switch (tab) {
    case 'general':
      return <General settings={settings} />
    case 'looks':
      return <Looks settings={settings} />
    case 'keeping':
      return <Keeping settings={settings} />
    case 'embedding':
      return <Embedding />
    case 'mail':
      return <MailList />
    case 'end':
      return <Ending settings={settings} />
  }
}
