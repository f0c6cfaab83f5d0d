import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Play } from 'lucide-react'

import { useTenant } from '~/api/access.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { ArrivalsTab } from '~/screens/source/arrivals-tab.tsx'
import { ColumnsTab } from '~/screens/source/columns-tab.tsx'
import { SchemaTab } from '~/screens/source/schema-tab.tsx'
import { StuckLane } from '~/screens/source/stuck-lane.tsx'
import { SettingsTab } from '~/screens/source/settings-tab.tsx'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Page } from '~/ui/page.tsx'
import { Tabs } from '~/ui/segments.tsx'
import { Answer } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

const tabs = ['arrivals', 'columns', 'schema', 'settings'] as const
type Tab = (typeof tabs)[number]

/** One source: what arrived, what its columns hold and have held, where it reads. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const { source = '' } = useParams({ strict: false })
  const navigate = useNavigate()
  const [tab, setTab] = useAddressState<Tab>('tab', 'arrivals')
  const shown = useOperation('sources.show', { dataset: source })
  const start = useChange('runs.start', {
    onDone: ({ run }) => {
      if (!run) return showDone(texts.nothingNew, texts.nothingNewHint)
      showDone(texts.started)
      void navigate({ to: '/t/$tenant/runs/$run', params: { tenant, run: run.id } })
    },
  })
  return (
    <Page
      title={source}
      note={shown.data?.description}
      above={
        <Link to="/t/$tenant/sources" params={{ tenant }} className="hover:text-ink">
          {texts.above}
        </Link>
      }
      copy={{ call: { operation: 'sources.show', input: { dataset: source } } }}
      actions={
        <>
          <ButtonLink
            to="/t/$tenant/quarantine/$source"
            params={{ tenant, source }}
            operation="quarantine.list"
          >
            {texts.quarantine}
          </ButtonLink>
          {shown.data?.isAppended === false && (
            <Button
              look="primary"
              icon={<Play size={14} aria-hidden />}
              operation="runs.start"
              busy={start.isPending}
              onClick={() => start.mutate({ datasets: [source] })}
            >
              {texts.runNow}
            </Button>
          )}
        </>
      }
    >
      <Answer of={shown}>
        {(definition) => (
          <>
            <StuckLane waiting={definition.waiting} />
            <Tabs
              label={texts.tabsLabel}
              value={tab}
              onChange={setTab}
              tabs={tabs.map((value) => ({ value, label: texts.tabs[value] }))}
            >
              {tab === 'arrivals' && (
                <ArrivalsTab source={source} onSettings={() => setTab('settings')} />
              )}
              {tab === 'columns' && <ColumnsTab source={source} />}
              {tab === 'schema' && <SchemaTab source={source} definition={definition} />}
              {tab === 'settings' && <SettingsTab source={source} definition={definition} />}
            </Tabs>
          </>
        )}
      </Answer>
    </Page>
  )
}
