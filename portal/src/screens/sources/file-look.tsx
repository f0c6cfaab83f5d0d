import { useMutation } from '@tanstack/react-query'
import { FileSearch } from 'lucide-react'
import { useRef, useState } from 'react'

import { readHead, type Head } from '~/intake/sniff/read-head.ts'
import { sniff, type Sniffed } from '~/intake/sniff/sniff.ts'
import { SniffedFile } from '~/screens/sources/sniffed-file.tsx'
import { sourcesTexts as texts } from '~/texts/sources.ts'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { Empty, Problem } from '~/ui/states.tsx'

export interface Looked {
  readonly name: string
  readonly head: Head | null
  readonly sniffed: Sniffed | null
  readonly tookMs: number
}

/** A file is dropped, and what is in it is told at once: nothing leaves the browser. */
export function FileLook({
  sources,
}: {
  readonly sources: readonly { readonly source: string; readonly columns: readonly string[] }[]
}) {
  const picker = useRef<HTMLInputElement>(null)
  const [isOver, setOver] = useState(false)
  const look = useMutation({ mutationFn: lookAt })
  const take = (files: FileList | null) => {
    const [file] = files ?? []
    if (file) look.mutate(file)
  }
  const { data } = look
  return (
    <Card>
      <button
        type="button"
        onClick={() => picker.current?.click()}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          take(event.dataTransfer.files)
        }}
        className={classes(
          'flex w-full flex-col items-center gap-1.5 rounded-lg border-2 border-dashed px-4 text-center hover:bg-sunken',
          data ? 'py-4' : 'py-8',
          isOver ? 'border-accent bg-accent-soft' : 'border-line',
        )}
      >
        <FileSearch size={data ? 20 : 28} className="text-faint" aria-hidden />
        <span className="font-medium">{look.isPending ? texts.looking : texts.drop}</span>
        <span className="text-sm text-soft">{texts.dropHint}</span>
      </button>
      <input
        ref={picker}
        type="file"
        aria-label={texts.choose}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          take(event.target.files)
          event.target.value = ''
        }}
      />
      <div aria-live="polite">
        {look.error && <Problem error={look.error} />}
        {data &&
          (data.sniffed === null || data.head === null ? (
            <Empty title={`${data.name}: ${texts.notText}`}>{texts.notTextHint}</Empty>
          ) : (
            <SniffedFile
              name={data.name}
              head={data.head}
              sniffed={data.sniffed}
              tookMs={data.tookMs}
              sources={sources}
              onClose={() => look.reset()}
            />
          ))}
      </div>
    </Card>
  )
}

async function lookAt(file: File): Promise<Looked> {
  const startedMs = performance.now()
  const head = await readHead(file)
  const sniffed = head && sniff(head.text, head.isWhole)
  return { name: file.name, head, sniffed, tookMs: performance.now() - startedMs }
}
