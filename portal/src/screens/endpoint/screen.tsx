import { Link, useParams } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { DocsTab } from '~/screens/endpoint/docs-tab.tsx'
import { LimitsTab } from '~/screens/endpoint/limits-tab.tsx'
import { TrafficTab } from '~/screens/endpoint/traffic-tab.tsx'
import { TryTab } from '~/screens/endpoint/try-tab.tsx'
import { VersionsTab } from '~/screens/endpoint/versions-tab.tsx'
import { endpointTexts as texts } from '~/texts/endpoint.ts'
import { Page } from '~/ui/page.tsx'
import { Tabs } from '~/ui/segments.tsx'
import { Answer } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'

type Tab = keyof typeof texts.tabs
const tabs = ['try', 'docs', 'versions', 'traffic', 'limits'] as const

/** One endpoint: asked, described, through its versions, with its traffic and its limits. */
export function Screen() {
  const { endpoint = '' } = useParams({ strict: false })
  const tenant = useTenant() ?? ''
  const [tab, setTab] = useAddressState<Tab>('tab', 'try')
  const shown = useOperation('endpoints.show', { endpoint })
  const about = shown.data?.endpoint
  return (
    <Page
      title={endpoint}
      note={about?.description}
      above={
        <Link
          to="/t/$tenant/endpoints"
          params={{ tenant }}
          className="hover:text-ink hover:underline"
        >
          {texts.all}
        </Link>
      }
      copy={{ call: { operation: 'endpoints.show', input: { endpoint } } }}
      actions={
        about && (
          <p className="text-xs text-faint">
            {texts.version(about.version)} · {about.isPinned ? texts.pinned : texts.current}
            {about.endsAt !== null && (
              <span className="text-warn">
                {' · '}
                {texts.ends} <Time at={about.endsAt} exact />
              </span>
            )}
          </p>
        )
      }
    >
      <Answer of={shown}>
        {(data) => (
          <Tabs
            label={texts.tab}
            value={tab}
            onChange={setTab}
            tabs={tabs.map((value) => ({ value, label: texts.tabs[value] }))}
          >
            {tab === 'try' && <TryTab key={endpoint} data={data} />}
            {tab === 'docs' && <DocsTab data={data} />}
            {tab === 'versions' && <VersionsTab endpoint={endpoint} />}
            {tab === 'traffic' && <TrafficTab endpoint={endpoint} />}
            {tab === 'limits' && <LimitsTab data={data} />}
          </Tabs>
        )}
      </Answer>
    </Page>
  )
}
