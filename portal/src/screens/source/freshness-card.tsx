import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatDuration } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'
import { useMay } from '~/api/access.ts'

type Rule = OutputOf<'freshness.list'>['rules'][number]

/** How old a source may get, and whether it is older. */
export function FreshnessCard({ source }: { readonly source: string }) {
  const rules = useOperation('freshness.list', {})
  return (
    <Card title={texts.freshness} note={texts.freshnessNote}>
      <Answer of={rules}>
        {({ rules: all }) => (
          <OneRule source={source} rule={all.find(({ dataset }) => dataset === source)} />
        )}
      </Answer>
    </Card>
  )
}

function OneRule({ source, rule }: { readonly source: string; readonly rule: Rule | undefined }) {
  const may = useMay()
  const [maxAge, setMaxAge] = useState('')
  const set = useChange('freshness.set', { onDone: () => setMaxAge('') })
  const end = useChange('freshness.delete')
  return (
    <div className="flex flex-col gap-3 text-sm">
      {rule ? (
        <>
          <p className="flex items-center gap-2 font-medium">
            <StatusMark state={rule.state === 'kept' ? 'passed' : 'breached'} />
            {(rule.state === 'kept' ? texts.freshnessKept : texts.freshnessBreached)(
              formatDuration(rule.maxAgeMs),
            )}
          </p>
          {rule.breachAt !== null && (
            <p className="text-soft">
              {texts.breach[rule.state]} <Time at={rule.breachAt} />
            </p>
          )}
        </>
      ) : (
        <p className="text-soft">{texts.freshnessNone}</p>
      )}
      {may('freshness.set') && (
        <form
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            set.mutate({ dataset: source, maxAge })
          }}
        >
          <div className="w-32">
            <TextField
              label={texts.maxAge}
              value={maxAge}
              onChange={setMaxAge}
              placeholder={texts.maxAgeHint}
            />
          </div>
          <Button type="submit" busy={set.isPending} disabled={maxAge === ''}>
            {texts.setRule}
          </Button>
          {rule?.origin === 'tenant' && (
            <Button
              look="quiet"
              operation="freshness.delete"
              busy={end.isPending}
              onClick={() => end.mutate({ dataset: source })}
            >
              {texts.endRule}
            </Button>
          )}
        </form>
      )}
    </div>
  )
}
