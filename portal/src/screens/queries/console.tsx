import { useMutation } from '@tanstack/react-query'
import { FileSearch, Play, Save, Truck } from 'lucide-react'
import { useRef, useState, type RefObject } from 'react'

import { useTenant } from '~/api/access.ts'
import { callOperation, type OutputOf } from '~/api/client.ts'
import { askRows, type Asked } from '~/rows/ask.ts'
import { ParameterValues, untyped, type Typed } from '~/screens/queries/parameter-values.tsx'
import { placeholdersIn, typedValue } from '~/screens/queries/placeholders.ts'
import { Results } from '~/screens/queries/results.tsx'
import { SaveDialog } from '~/screens/queries/save-dialog.tsx'
import { SqlEditor } from '~/screens/queries/sql-editor.tsx'
import { queriesTexts as texts } from '~/texts/queries.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { CopyAs } from '~/ui/copy-as.tsx'
import { showDone } from '~/ui/toast.tsx'

const LIMIT = 1000

export interface Draft {
  readonly sql: string
  readonly values: Readonly<Record<string, Typed>>
  /** The saved query that it was opened from. */
  readonly former: { readonly name: string; readonly description: string } | null
}

type Done =
  | { readonly kind: 'rows'; readonly asked: Asked }
  | { readonly kind: 'plan'; readonly plan: OutputOf<'queries.explain'> }

/** A text, its parameters, and what comes of it. */
export function Console({
  draft,
  onChange,
  onSaved,
  field,
}: {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly onSaved: (name: string) => void
  readonly field: RefObject<HTMLTextAreaElement | null>
}) {
  const tenant = useTenant()
  const [isSaving, setSaving] = useState(false)
  const last = useRef<'run' | 'explain' | 'all'>('run')
  const { sql, values } = draft
  const names = placeholdersIn(sql)
  const question = {
    sql,
    parameters: Object.fromEntries(
      names.map((name) => {
        const { type, value } = values[name] ?? untyped
        return [name, typedValue(type, value)]
      }),
    ),
  }
  const ask = useMutation({
    mutationFn: async (what: 'run' | 'explain' | 'all'): Promise<Done> => {
      if (what === 'explain') {
        return { kind: 'plan', plan: await callOperation(tenant, 'queries.explain', question) }
      }
      const input = { ...question, ...(what === 'run' && { limit: LIMIT }) }
      const asked = await askRows(() => callOperation(tenant, 'queries.run', input))
      if (what === 'all') {
        showDone(asked.delivery === null ? texts.deliverAll : texts.delivering)
      }
      return { kind: 'rows', asked }
    },
  })
  const begin = (what: 'run' | 'explain' | 'all') => {
    if (sql.trim() === '' || ask.isPending) return
    last.current = what
    ask.mutate(what)
  }
  const isEmpty = sql.trim() === ''
  return (
    <>
      <Card
        title={draft.former?.name ?? texts.fresh}
        note={texts.hint}
        actions={
          <>
            <Button
              size="small"
              look="primary"
              icon={<Play size={14} aria-hidden />}
              busy={ask.isPending}
              disabled={isEmpty}
              onClick={() => begin('run')}
            >
              {texts.run}
            </Button>
            <Button
              size="small"
              icon={<FileSearch size={14} aria-hidden />}
              disabled={isEmpty || ask.isPending}
              onClick={() => begin('explain')}
            >
              {texts.explain}
            </Button>
            <Button
              size="small"
              operation="savedQueries.create"
              icon={<Save size={14} aria-hidden />}
              disabled={isEmpty}
              onClick={() => setSaving(true)}
            >
              {draft.former === null ? texts.saveAs : texts.save}
            </Button>
            <CopyAs
              call={{ operation: 'queries.run', input: question }}
              sql={sql}
              search={{ sql }}
            />
          </>
        }
        flush
      >
        <SqlEditor
          value={sql}
          onChange={(text) => onChange({ ...draft, sql: text })}
          onRun={() => begin('run')}
          field={field}
        />
        {names.length > 0 && (
          <ParameterValues
            names={names}
            values={values}
            onChange={(name, value) => onChange({ ...draft, values: { ...values, [name]: value } })}
          />
        )}
        <p className="px-4 py-2 text-xs text-faint">{texts.limits}</p>
      </Card>
      <Results
        isPending={ask.isPending}
        error={ask.error}
        again={() => begin(last.current)}
        asked={ask.data?.kind === 'rows' ? ask.data.asked : undefined}
        plan={ask.data?.kind === 'plan' ? ask.data.plan : undefined}
        actions={
          ask.data?.kind === 'rows' &&
          ask.data.asked.isMore && (
            <Button
              size="small"
              icon={<Truck size={14} aria-hidden />}
              onClick={() => begin('all')}
            >
              {texts.deliver}
            </Button>
          )
        }
      />
      {isSaving && (
        <SaveDialog
          written={{ sql, names, values }}
          former={draft.former}
          onClose={() => setSaving(false)}
          onSaved={(name) => {
            setSaving(false)
            onSaved(name)
          }}
        />
      )}
    </>
  )
}
