import { Plus } from 'lucide-react'
import { useRef, useState } from 'react'

import { useMay } from '~/api/access.ts'
import { useAddressState, useAddressValues, useSetAddress } from '~/browser/address.ts'
import { Console, type Draft } from '~/screens/queries/console.tsx'
import { inserted } from '~/screens/queries/placeholders.ts'
import { SavedList } from '~/screens/queries/saved-list.tsx'
import { SavedQuery, type Saved } from '~/screens/queries/saved-query.tsx'
import { SchemaTree } from '~/screens/queries/schema-tree.tsx'
import { queriesTexts as texts } from '~/texts/queries.ts'
import { Button } from '~/ui/button.tsx'
import { Page } from '~/ui/page.tsx'

/** SQL over published data: a text of one's own, or a saved one with its parameters. */
export function Screen() {
  const may = useMay()
  const isWriter = may('queries.run')
  const [chosen] = useAddressState('query', '')
  const { sql: given = '' } = useAddressValues()
  const setAddress = useSetAddress()
  const [draft, setDraft] = useState<Draft>({ sql: given, values: {}, former: null })
  const field = useRef<HTMLTextAreaElement>(null)
  const choose = (name: string) =>
    setAddress({ query: name === '' ? undefined : name }, { push: true })
  const open = (saved: Saved) => {
    setDraft(draftOf(saved))
    choose('')
  }
  const insert = (piece: string) => {
    const place = field.current
    const isFirst = draft.sql.trim() === ''
    const from = place?.selectionStart ?? draft.sql.length
    const to = place?.selectionEnd ?? from
    const next = isFirst
      ? { text: texts.example(piece), at: texts.example(piece).length }
      : inserted(draft.sql, { from, to }, piece)
    setDraft({ ...draft, sql: next.text })
    // Behind the piece one goes on writing; the field has its text by then.
    requestAnimationFrame(() => {
      place?.focus()
      place?.setSelectionRange(next.at, next.at)
    })
  }
  const isConsole = isWriter && chosen === ''
  return (
    <Page
      title={texts.title}
      note={texts.note}
      wide
      copy={{ call: { operation: 'savedQueries.list', input: {} } }}
      actions={
        isWriter && (
          <Button
            icon={<Plus size={16} aria-hidden />}
            onClick={() => {
              setDraft({ sql: '', values: {}, former: null })
              choose('')
            }}
          >
            {texts.fresh}
          </Button>
        )
      }
    >
      <div className="grid items-start gap-4 lg:grid-cols-[18rem_minmax(0,1fr)]">
        <div className="order-2 flex min-w-0 flex-col gap-4 lg:order-1">
          <SavedList chosen={chosen} onChoose={choose} />
          {isConsole && <SchemaTree onInsert={insert} />}
        </div>
        <div className="order-1 flex min-w-0 flex-col gap-4 lg:order-2">
          {isConsole && (
            <Console draft={draft} onChange={setDraft} onSaved={choose} field={field} />
          )}
          {chosen !== '' && <SavedQuery name={chosen} onOpen={open} onGone={() => choose('')} />}
        </div>
      </div>
    </Page>
  )
}

function draftOf({ name, description, sql, parameters }: Saved): Draft {
  return {
    sql,
    former: { name, description },
    values: Object.fromEntries(
      parameters.map((one) => [one.name, { type: one.type, value: one.default ?? '' }]),
    ),
  }
}
