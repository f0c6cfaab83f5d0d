import { LineNumber } from '~/screens/analysis/code.tsx'
import { diffLines, withGaps } from '~/screens/analysis/line-diff.ts'
import { analysesTexts } from '~/texts/analyses.ts'
import { classes } from '~/ui/classes.ts'

const texts = analysesTexts.one

const looks = {
  same: '',
  added: 'bg-good-soft',
  removed: 'bg-bad-soft',
}
const signs = { same: ' ', added: '+', removed: '−' }

/** What changed from one code to the next: sign and ground say added or removed. */
export function Diff({ before, after }: { readonly before: string; readonly after: string }) {
  return (
    <pre
      tabIndex={0}
      aria-label={texts.diff}
      className="max-h-[60dvh] overflow-auto py-2 font-mono text-xs leading-5"
    >
      {withGaps(diffLines(before, after)).map((line, at) =>
        line.kind === 'gap' ? (
          <div key={at} className="bg-sunken px-4 py-0.5 font-sans text-faint">
            {texts.unchangedLines(line.lines)}
          </div>
        ) : (
          <div
            key={at}
            className={classes('grid grid-cols-[3rem_3rem_1.25rem_1fr]', looks[line.kind])}
          >
            <LineNumber at={line.before} />
            <LineNumber at={line.after} />
            <span aria-hidden>{signs[line.kind]}</span>
            <code className="pr-4 whitespace-pre">
              {line.kind !== 'same' && <span className="sr-only">{texts[line.kind]}: </span>}
              {line.text}
            </code>
          </div>
        ),
      )}
    </pre>
  )
}
