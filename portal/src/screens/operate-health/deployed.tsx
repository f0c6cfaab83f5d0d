import { useOperation } from '~/api/operation.ts'
import { healthTexts as texts } from '~/texts/operate-health.ts'
import { Card } from '~/ui/card.tsx'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

const SHOWN = 5

/** The newest deployments: what runs, since when, who brought it. */
export function Deployed() {
  const deployments = useOperation('deployments.list', { limit: SHOWN })
  return (
    <Card title={texts.deployment}>
      <Answer of={deployments}>
        {({ deployments: all }) => (
          <ol className="flex flex-col gap-2 text-sm">
            {all.length === 0 && <li className="text-soft">{texts.noDeployment}</li>}
            {all.map(({ id, createdAt, message, by, packs }, at) => (
              <li key={id} className="flex flex-wrap items-baseline gap-x-3">
                <span className="num font-medium">{id}</span>
                {at === 0 && <Status state="active" label={texts.current} />}
                <span className="min-w-0 flex-1 truncate" title={message}>
                  {message || packs.map(({ name }) => name).join(', ')}
                </span>
                <span className="num text-xs text-faint">
                  {texts.holds(
                    packs.reduce((sum, { datasets }) => sum + Number(datasets), 0),
                    packs.reduce((sum, { endpoints }) => sum + Number(endpoints), 0),
                  )}
                  {' · '}
                  {texts.by(by)} · <Time at={createdAt} />
                </span>
              </li>
            ))}
          </ol>
        )}
      </Answer>
    </Card>
  )
}
