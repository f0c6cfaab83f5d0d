import { Plus } from 'lucide-react'
import { useState } from 'react'

import { useOperationPages } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { NewTrigger } from '~/screens/schedules/new-trigger.tsx'
import { RuleDrawer } from '~/screens/schedules/rule-drawer.tsx'
import { TriggerLines, type Trigger } from '~/screens/schedules/trigger-lines.tsx'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Page } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

type Hours = keyof typeof texts.spans
const hours = Object.keys(texts.spans) as Hours[]
/** Time goes on, and no event tells of a look that found nothing. */
const AGAIN_MS = 20_000

/** Everything that starts by itself, on one line of time. */
export function Screen() {
  const [back, setBack] = useAddressState<Hours>('hours', '24')
  const [opened, setOpened] = useAddressState('rule', '')
  const [isNew, setNew] = useState(false)
  const input = { backHours: Number(back), aheadHours: Number(back), limit: 100 }
  const pages = useOperationPages('triggers.list', input, { everyMs: AGAIN_MS })
  const first = pages.data?.pages[0]
  const triggers = pages.data?.pages.flatMap((page) => page.triggers) ?? []
  const open = (trigger: Trigger) => setOpened(`${trigger.kind}/${trigger.name}`)
  const shown = triggers.find(({ kind, name }) => `${kind}/${name}` === opened)
  const create = (
    <Button
      look="primary"
      operation="schedules.create"
      icon={<Plus size={14} />}
      onClick={() => setNew(true)}
    >
      {texts.create}
    </Button>
  )

  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'triggers.list', input } }}
      actions={create}
    >
      <Answer of={pages}>
        {() =>
          triggers.length === 0 || !first ? (
            <Card>
              <Empty title={texts.empty} action={create}>
                {texts.emptyHint}
              </Empty>
            </Card>
          ) : (
            <Card
              title={texts.line}
              note={texts.lineNote}
              actions={
                <Segments
                  label={texts.span}
                  value={back}
                  onChange={setBack}
                  segments={hours.map((value) => ({ value, label: texts.spans[value] }))}
                />
              }
              flush
            >
              <TriggerLines
                triggers={triggers}
                from={Date.parse(first.from)}
                now={Date.parse(first.now)}
                until={Date.parse(first.until)}
                onOpen={open}
              />
              {pages.hasNextPage && (
                <div className="p-3 text-center">
                  <Button
                    busy={pages.isFetchingNextPage}
                    onClick={() => void pages.fetchNextPage()}
                  >
                    {texts.more}
                  </Button>
                </div>
              )}
            </Card>
          )
        }
      </Answer>
      {shown && <RuleDrawer trigger={shown} onClose={() => setOpened('')} />}
      {isNew && <NewTrigger onClose={() => setNew(false)} />}
    </Page>
  )
}
