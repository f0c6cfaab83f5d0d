import { useOperation } from '~/api/operation.ts'
import { queriesTexts as texts } from '~/texts/queries.ts'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { Answer, Empty } from '~/ui/states.tsx'

/** Queries that have a name. */
export function SavedList({
  chosen,
  onChoose,
}: {
  readonly chosen: string
  readonly onChoose: (name: string) => void
}) {
  const saved = useOperation('savedQueries.list', { limit: 1000 })
  return (
    <Card title={texts.saved} flush>
      <Answer of={saved}>
        {({ queries }) =>
          queries.length === 0 ? (
            <Empty title={texts.savedEmpty}>{texts.savedEmptyHint}</Empty>
          ) : (
            <ul className="max-h-80 divide-y divide-line overflow-y-auto border-t border-line">
              {queries.map(({ name, description }) => (
                <li key={name}>
                  <button
                    type="button"
                    aria-pressed={name === chosen}
                    onClick={() => onChoose(name)}
                    className={classes(
                      'block w-full px-4 py-2 text-left hover:bg-sunken',
                      name === chosen && 'bg-accent-soft',
                    )}
                  >
                    <span className="block truncate font-mono text-xs font-medium" title={name}>
                      {name}
                    </span>
                    {description !== '' && (
                      <span className="block truncate text-xs text-faint" title={description}>
                        {description}
                      </span>
                    )}
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  )
}
