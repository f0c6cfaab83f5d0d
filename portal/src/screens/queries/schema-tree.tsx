import { ChevronRight } from 'lucide-react'
import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { sqlName } from '~/screens/queries/placeholders.ts'
import { queriesTexts as texts } from '~/texts/queries.ts'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty, Skeleton } from '~/ui/states.tsx'

type Dataset = OutputOf<'datasets.list'>['datasets'][number]

/** What can be asked: datasets with their columns; a name goes into the text. */
export function SchemaTree({ onInsert }: { readonly onInsert: (name: string) => void }) {
  const datasets = useOperation('datasets.list', {})
  const [search, setSearch] = useState('')
  return (
    <Card title={texts.schema} note={texts.schemaHint} flush>
      <Answer of={datasets}>
        {({ datasets: all }) =>
          all.length === 0 ? (
            <Empty title={texts.schemaEmpty} />
          ) : (
            <>
              {all.length > 8 && (
                <div className="px-3 pb-2">
                  <TextField
                    label={texts.find}
                    quiet
                    type="search"
                    placeholder={texts.find}
                    value={search}
                    onChange={setSearch}
                  />
                </div>
              )}
              <ul className="max-h-[60dvh] overflow-y-auto border-t border-line py-1">
                {all
                  .filter(({ dataset }) => dataset.includes(search.toLowerCase()))
                  .map((one) => (
                    <Node key={one.dataset} dataset={one} onInsert={onInsert} />
                  ))}
              </ul>
            </>
          )
        }
      </Answer>
    </Card>
  )
}

function Node({
  dataset: { dataset, rows, description },
  onInsert,
}: {
  readonly dataset: Dataset
  readonly onInsert: (name: string) => void
}) {
  const [isOpen, setOpen] = useState(false)
  const name = sqlName(dataset)
  return (
    <li>
      <div className="flex items-center gap-1 pr-3 pl-1 hover:bg-sunken">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={texts.columns(dataset)}
          onClick={() => setOpen(!isOpen)}
          className="flex size-7 shrink-0 items-center justify-center rounded text-faint hover:text-ink"
        >
          <ChevronRight
            size={14}
            aria-hidden
            className={classes('transition-transform', isOpen && 'rotate-90')}
          />
        </button>
        <button
          type="button"
          title={description === '' ? texts.insert(dataset) : description}
          onClick={() => onInsert(name)}
          className="min-w-0 grow truncate text-left font-mono text-xs leading-7"
        >
          {dataset}
        </button>
        {rows !== null && (
          <span className="num text-2xs text-faint">{formatCount(rows, true)}</span>
        )}
      </div>
      {isOpen && <Columns dataset={dataset} onInsert={onInsert} />}
    </li>
  )
}

/** Those of the newest version; asked when somebody looks. */
function Columns({
  dataset,
  onInsert,
}: {
  readonly dataset: string
  readonly onInsert: (name: string) => void
}) {
  const changes = useOperation('profiles.columns', { dataset, limit: 10 })
  return (
    <Answer of={changes} waiting={<Skeleton className="my-1 ml-8 h-4 w-32" />}>
      {({ changes: [newest] }) => (
        <ul className="pb-1 pl-8">
          {(newest?.columns ?? []).map((column) => (
            <li key={column.name}>
              <button
                type="button"
                title={texts.insert(column.name)}
                onClick={() => onInsert(sqlName(column.name))}
                className="flex w-full items-baseline gap-2 rounded px-1 pr-3 text-left font-mono text-xs leading-6 hover:bg-sunken"
              >
                <span className="truncate">{column.name}</span>
                <span className="ml-auto shrink-0 text-2xs text-faint">
                  {column.type.toLowerCase()}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Answer>
  )
}
