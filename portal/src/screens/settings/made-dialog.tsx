import { Copy } from 'lucide-react'

import { home } from '~/api/place.ts'
import type { EmbeddedView } from '~/screens/settings/embedded-view.ts'
import {
  elementSnippet,
  frameSnippet,
  signSnippet,
  viewAddress,
} from '~/screens/settings/snippets.ts'
import { embeddingTexts } from '~/texts/embedding.ts'
import { Button } from '~/ui/button.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { Dialog } from '~/ui/dialog.tsx'

const texts = embeddingTexts.made

export interface Made {
  readonly view: EmbeddedView
  /** Null: each viewer has a link of their own. */
  readonly url: string | null
  readonly secret: string
}

/** The link and the secret, once, with what to paste where. */
export function MadeDialog({
  made: { view, url, secret },
  onClose,
}: {
  readonly made: Made
  readonly onClose: () => void
}) {
  const address = viewAddress(home, view.id)
  return (
    <Dialog
      open
      size="wide"
      onClose={onClose}
      title={texts.title}
      note={texts.note}
      actions={
        <Button look="primary" onClick={onClose}>
          {texts.done}
        </Button>
      }
    >
      <div className="flex flex-col gap-5">
        {url !== null && (
          <>
            <Snippet title={texts.element} hint={texts.elementHint}>
              {elementSnippet(home, url)}
            </Snippet>
            <Snippet title={texts.frame}>{frameSnippet(url, view.title)}</Snippet>
          </>
        )}
        <Snippet title={texts.secret} hint={texts.secretHint}>
          {secret}
        </Snippet>
        {url === null && (
          <Snippet title={texts.sign}>{signSnippet(address, view.viewerValues)}</Snippet>
        )}
      </div>
    </Dialog>
  )
}

function Snippet({
  title,
  hint,
  children,
}: {
  readonly title: string
  readonly hint?: string
  readonly children: string
}) {
  return (
    <section>
      <div className="mb-1 flex items-center gap-2">
        <h3 className="mr-auto text-sm font-semibold">{title}</h3>
        <Button
          size="small"
          icon={<Copy size={12} />}
          aria-label={`${texts.copy}: ${title}`}
          onClick={() => void copyText(children, title)}
        >
          {texts.copy}
        </Button>
      </div>
      <pre
        // What scrolls can be reached without a pointer.
        tabIndex={0}
        aria-label={title}
        className="overflow-x-auto rounded-md bg-sunken p-3 font-mono text-xs"
      >
        {children}
      </pre>
      {hint !== undefined && <p className="mt-1 text-xs text-faint">{hint}</p>}
    </section>
  )
}
