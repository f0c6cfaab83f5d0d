import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Sensor = OutputOf<'sensors.list'>['sensors'][number]

/** Whether anybody looks for new files by itself, and what was found. */
export function SensorCard({ source }: { readonly source: string }) {
  const sensors = useOperation('sensors.list', {})
  return (
    <Card title={texts.sensor} note={texts.sensorNote}>
      <Answer of={sensors}>
        {({ sensors: all }) => {
          const sensor = all.find((one) => one.source === source)
          return sensor ? <Looking sensor={sensor} /> : <Begin source={source} />
        }}
      </Answer>
    </Card>
  )
}

function Looking({ sensor }: { readonly sensor: Sensor }) {
  const { source, everyMs, pausedAt, lookedAt, nextAt, objects, error } = sensor
  const pause = useChange('sensors.pause')
  const resume = useChange('sensors.resume')
  const end = useChange('sensors.delete')
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p className="flex items-center gap-2 font-medium">
        <StatusMark state={error ? 'failed' : pausedAt ? 'paused' : 'active'} />
        {pausedAt ? texts.sensorPaused : texts.sensorOn(formatDuration(everyMs))}
      </p>
      {error !== null && <p className="text-bad [overflow-wrap:anywhere]">{error}</p>}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-soft">
        <dt>{texts.lookedAt}</dt>
        <dd>{lookedAt === null ? '–' : <Time at={lookedAt} />}</dd>
        <dt>{texts.looksAt}</dt>
        <dd>{nextAt === null ? '–' : <Time at={nextAt} />}</dd>
        <dt>{texts.found}</dt>
        <dd className="num">{objects === null ? '–' : formatCount(objects)}</dd>
      </dl>
      <div className="flex flex-wrap gap-2">
        {pausedAt === null ? (
          <Button
            operation="sensors.pause"
            busy={pause.isPending}
            onClick={() => pause.mutate({ source })}
          >
            {texts.sensorPause}
          </Button>
        ) : (
          <Button
            operation="sensors.resume"
            busy={resume.isPending}
            onClick={() => resume.mutate({ source })}
          >
            {texts.sensorResume}
          </Button>
        )}
        <Button
          look="quiet"
          operation="sensors.delete"
          busy={end.isPending}
          onClick={() => end.mutate({ source })}
        >
          {texts.sensorEnd}
        </Button>
      </div>
    </div>
  )
}

function Begin({ source }: { readonly source: string }) {
  const [every, setEvery] = useState('5m')
  const create = useChange('sensors.create')
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm text-soft">{texts.sensorNone}</p>
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({ source, every })
        }}
      >
        <div className="w-32">
          <TextField label={texts.every} value={every} onChange={setEvery} />
        </div>
        <Button type="submit" operation="sensors.create" busy={create.isPending}>
          {texts.sensorStart}
        </Button>
        <p className="w-full text-xs text-faint">{texts.everyHint}</p>
      </form>
    </div>
  )
}
