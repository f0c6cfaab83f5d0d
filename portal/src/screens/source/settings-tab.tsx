import { useMay } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { FreshnessCard } from '~/screens/source/freshness-card.tsx'
import { OptionsForm } from '~/screens/source/options-form.tsx'
import { SensorCard } from '~/screens/source/sensor-card.tsx'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Card } from '~/ui/card.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

/** Where a source reads, when it looks by itself, how old it may get. */
export function SettingsTab({
  source,
  definition,
}: {
  readonly source: string
  readonly definition: OutputOf<'sources.show'>
}) {
  const may = useMay()
  const options = useOperation(
    'sources.options',
    { dataset: source },
    { enabled: may('sources.options') && !definition.isAppended },
  )
  return (
    <>
      {definition.isAppended ? (
        <Card>
          <Empty title={texts.appended}>{texts.appendedHint}</Empty>
        </Card>
      ) : (
        may('sources.options') && (
          <Card title={texts.where} note={texts.whereNote}>
            <Answer of={options}>
              {(data) => (
                <OptionsForm
                  // What was saved is where editing begins anew.
                  key={JSON.stringify(data.options)}
                  source={source}
                  former={data.options}
                  defaultLocation={data.defaultLocation}
                />
              )}
            </Answer>
          </Card>
        )
      )}
      <div className="grid min-w-0 gap-4 lg:grid-cols-2">
        {!definition.isAppended && may('sensors.list') && <SensorCard source={source} />}
        {may('freshness.list') && <FreshnessCard source={source} />}
      </div>
    </>
  )
}
