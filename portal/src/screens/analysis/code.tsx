import { Copy } from 'lucide-react'

import { sqlLines, type TokenKind } from '~/screens/analysis/sql-tokens.ts'
import { analysesTexts } from '~/texts/analyses.ts'
import { Button } from '~/ui/button.tsx'
import { classes } from '~/ui/classes.ts'
import { copyText } from '~/ui/copy-as.tsx'

const texts = analysesTexts.one

const inks: Record<TokenKind, string> = {
  plain: '',
  keyword: 'font-semibold text-(--series-1)',
  function: 'text-(--series-4)',
  text: 'text-(--series-3)',
  number: 'text-warn',
  comment: 'text-faint italic',
  name: 'text-(--series-5)',
}

/** Code with numbers of lines; SQL in colours. */
export function Code({ text, language }: { readonly text: string; readonly language: string }) {
  const lines = language === 'sql' ? sqlLines(text) : plainLines(text)
  return (
    <pre
      tabIndex={0}
      aria-label={texts.lines}
      className="max-h-[70dvh] overflow-auto py-3 font-mono text-xs leading-5"
    >
      {lines.map((tokens, at) => (
        <div key={at} className="grid grid-cols-[3.5rem_1fr]">
          <LineNumber at={at + 1} />
          <code className="pr-4 whitespace-pre">
            {tokens.map(({ kind, text: part }, place) => (
              <span key={place} className={inks[kind]}>
                {part}
              </span>
            ))}
          </code>
        </div>
      ))}
    </pre>
  )
}

export function CopyCode({ text }: { readonly text: string }) {
  return (
    <Button
      size="small"
      icon={<Copy size={13} aria-hidden />}
      onClick={() => void copyText(text, texts.code)}
    >
      {texts.copyCode}
    </Button>
  )
}

const plainLines = (text: string) =>
  text.split('\n').map((line) => [{ kind: 'plain' as const, text: line }])

export function LineNumber({ at, className }: { at: number | null; className?: string }) {
  return (
    <span aria-hidden className={classes('num pr-3 text-right text-faint select-none', className)}>
      {at}
    </span>
  )
}
