import { Copy } from 'lucide-react'

import type { OutputOf } from '~/api/client.ts'
import { newTenantTexts } from '~/texts/tenant-new.ts'
import { common } from '~/texts/common.ts'
import { ButtonLink, IconButton } from '~/ui/button.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { StatusMark } from '~/ui/status.tsx'

const texts = newTenantTexts.test

/** What was made just now, with what is shown once. */
export function MadeNote({
  slug,
  made,
}: {
  readonly slug: string
  readonly made: OutputOf<'tenants.create'> | null
}) {
  return (
    <div className="flex flex-col gap-3 rounded-lg border-l-4 border-good bg-surface p-4 shadow-card">
      <div className="flex flex-wrap items-center gap-2.5">
        <StatusMark state="ok" size={16} />
        <p className="font-semibold [overflow-wrap:anywhere]">{texts.made(made?.name ?? slug)}</p>
        <span className="ml-auto">
          <ButtonLink size="small" to="/t/$tenant/home" params={{ tenant: slug }}>
            {texts.open}
          </ButtonLink>
        </span>
      </div>
      {made?.key != null && <Once label={texts.key} text={made.key} />}
      {made?.invitation != null && <Once label={texts.invitation} text={made.invitation} />}
      <p className="text-xs text-faint">{texts.viewAs}</p>
    </div>
  )
}

function Once({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div className="text-sm">
      <p className="text-xs text-soft">{label}</p>
      <p className="flex items-center gap-1">
        <code className="min-w-0 rounded bg-sunken px-2 py-1 font-mono text-xs [overflow-wrap:anywhere]">
          {text}
        </code>
        <IconButton label={common.copy} onClick={() => void copyText(text, label)}>
          <Copy size={14} />
        </IconButton>
      </p>
    </div>
  )
}
