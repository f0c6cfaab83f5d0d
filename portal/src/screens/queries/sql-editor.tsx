import { useId, useRef, useState, type RefObject } from 'react'

import { queriesTexts as texts } from '~/texts/queries.ts'

const LINE = 20
const PAD = 8

/**
 * A plain field with line numbers: the browser's own undo, search and spelling rules. Tab stays the way to
 * the next control, so that nobody is caught in it.
 */
export function SqlEditor({
  value,
  onChange,
  onRun,
  field,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onRun: () => void
  readonly field: RefObject<HTMLTextAreaElement | null>
}) {
  const id = useId()
  const numbers = useRef<HTMLDivElement>(null)
  const [height, setHeight] = useState(220)
  const lines = value.split('\n').length
  return (
    <div className="flex flex-col">
      <label htmlFor={id} className="sr-only">
        {texts.editor}
      </label>
      <div
        className="flex resize-y overflow-hidden border-y border-line bg-surface font-mono text-sm"
        style={{ height, minHeight: 100 }}
        onPointerUp={(event) => setHeight(event.currentTarget.offsetHeight)}
      >
        <div
          ref={numbers}
          aria-hidden
          className="num shrink-0 overflow-hidden bg-sunken px-2 text-right text-faint select-none"
          style={{ paddingTop: PAD, lineHeight: `${LINE}px` }}
        >
          {Array.from({ length: lines }, (_, at) => (
            <div key={at}>{at + 1}</div>
          ))}
          <div style={{ height: 60 }} />
        </div>
        <textarea
          ref={field}
          id={id}
          value={value}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          wrap="off"
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => {
            if (numbers.current) numbers.current.scrollTop = event.currentTarget.scrollTop
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault()
              onRun()
            }
          }}
          className="min-w-0 grow resize-none bg-transparent px-3 whitespace-pre outline-offset-[-2px] [font-variant-ligatures:none]"
          style={{ paddingTop: PAD, lineHeight: `${LINE}px` }}
        />
      </div>
    </div>
  )
}
