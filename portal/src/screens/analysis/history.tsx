import { useOperation } from '~/api/operation.ts'
import type { OutputOf } from '~/api/client.ts'
import { useAddressState } from '~/browser/address.ts'
import { Diff } from '~/screens/analysis/diff.tsx'
import { Effect } from '~/screens/analysis/effect.tsx'
import { Code, CopyCode } from '~/screens/analysis/code.tsx'
import { analysesTexts } from '~/texts/analyses.ts'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

const texts = analysesTexts.one

type CodeRow = OutputOf<'analyses.history'>['codes'][number]

/** Every code that it has had; of the chosen one what changed in it and what came of that. */
export function History({
  analysis,
  language,
}: {
  readonly analysis: string
  readonly language: string
}) {
  const history = useOperation('analyses.history', { analysis })
  const [version, setVersion] = useAddressState('code', '')
  return (
    <Answer of={history}>
      {({ codes }) => {
        const at = Math.max(
          codes.findIndex(({ codeVersion }) => codeVersion === version),
          0,
        )
        const chosen = codes[at]
        const former = codes[at + 1]
        if (!chosen) return null
        return (
          <div className="grid min-w-0 gap-4 lg:grid-cols-[18rem_minmax(0,1fr)]">
            <Card title={texts.history} flush>
              <ol className="flex max-h-[70dvh] flex-col overflow-y-auto">
                {codes.map((code) => (
                  <li key={code.codeVersion}>
                    <Choice
                      code={code}
                      isChosen={code === chosen}
                      onChoose={() => setVersion(code.codeVersion)}
                    />
                  </li>
                ))}
              </ol>
            </Card>
            <div className="flex min-w-0 flex-col gap-4">
              <Card
                flush
                actions={former ? undefined : <CopyCode text={chosen.text} />}
                title={former ? texts.diff : texts.first}
                note={
                  former
                    ? texts.diffNote(shortOf(former), shortOf(chosen))
                    : codes.length === 1 && `${texts.onlyOne} ${texts.onlyOneHint}`
                }
              >
                {former ? (
                  <Diff before={former.text} after={chosen.text} />
                ) : (
                  <Code text={chosen.text} language={language} />
                )}
              </Card>
              <Effect analysis={analysis} codeVersion={chosen.codeVersion} />
            </div>
          </div>
        )
      }}
    </Answer>
  )
}

const shortOf = ({ codeVersion }: CodeRow) => codeVersion.slice(0, 10)

function Choice({
  code,
  isChosen,
  onChoose,
}: {
  readonly code: CodeRow
  readonly isChosen: boolean
  readonly onChoose: () => void
}) {
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onChoose}
      className={classes(
        'flex w-full flex-col gap-0.5 border-b border-l-2 border-b-line px-3 py-2 text-left text-sm hover:bg-sunken',
        isChosen ? 'border-l-accent bg-accent-soft' : 'border-l-transparent',
      )}
    >
      <span className="flex items-center gap-2">
        <code className="font-mono text-xs">{shortOf(code)}</code>
        {code.isCurrent && <Status state="active" label={texts.current} />}
      </span>
      <span className="text-xs text-soft">
        {texts.since} <Time at={code.since} exact />
      </span>
      {code.deployment !== null && (
        <span className="truncate text-xs text-faint" title={code.message ?? ''}>
          {texts.deployment(code.deployment, code.message ?? '')}
        </span>
      )}
      <span className="num text-xs text-faint">
        {code.versions === 0
          ? texts.neverUsed
          : texts.usedFor(formatCount(code.current), formatCount(code.versions))}
      </span>
    </button>
  )
}
