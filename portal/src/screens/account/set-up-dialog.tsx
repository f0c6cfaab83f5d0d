import { useMemo, useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { PasswordField } from '~/doors/password-field.tsx'
import { pathOf, qrCode } from '~/doors/qr-code.ts'
import { account as words } from '~/texts/account.ts'
import { Button } from '~/ui/button.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'

/** Password, then the secret and a first code of it, then the recovery codes: each step once. */
export function SetUpDialog({ onClose }: { readonly onClose: () => void }) {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const begin = useChange('account.totpBegin', { quiet: true })
  const confirm = useChange('account.totpConfirm', { quiet: true })
  if (confirm.data) {
    return <RecoveryCodes codes={confirm.data.recoveryCodes} onClose={onClose} />
  }
  return (
    <Dialog open size="small" onClose={onClose} title={words.totpTitle}>
      {begin.data ? (
        <DoorForm
          submit={words.switchOn}
          busy={confirm.isPending}
          error={confirm.error}
          onSubmit={() => confirm.mutate({ code: code.trim() })}
        >
          <Secret secret={begin.data.secret} uri={begin.data.uri} />
          <TextField
            label={words.codeShown}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            maxLength={10}
            autoFocus
            value={code}
            onChange={setCode}
          />
        </DoorForm>
      ) : (
        <DoorForm
          submit={words.goOn}
          busy={begin.isPending}
          error={begin.error}
          onSubmit={() => begin.mutate({ password })}
        >
          <PasswordField
            autoFocus
            label={words.totpPassword}
            value={password}
            onChange={setPassword}
          />
        </DoorForm>
      )}
    </Dialog>
  )
}

const QUIET = 3

/** The key as a picture, drawn here: it goes nowhere else. */
function Secret({ secret, uri }: { readonly secret: string; readonly uri: string }) {
  const grid = useMemo(() => qrCode(uri), [uri])
  return (
    <>
      <p className="text-sm text-soft">{words.scan}</p>
      {grid !== null && (
        <svg
          role="img"
          aria-label={words.qrCode}
          viewBox={`${-QUIET} ${-QUIET} ${grid.length + 2 * QUIET} ${grid.length + 2 * QUIET}`}
          shapeRendering="crispEdges"
          // Readers want dark on light, whatever the theme is.
          className="mx-auto size-48 rounded-md bg-white text-black"
        >
          <path d={pathOf(grid)} fill="currentColor" />
        </svg>
      )}
      <div className="flex flex-col gap-1 text-sm">
        <span className="text-xs font-medium text-soft">{words.key}</span>
        <code className="rounded-md bg-sunken px-2 py-1.5 font-mono text-xs break-all select-all">
          {secret.replace(/.{4}(?=.)/g, '$& ')}
        </code>
        <a href={uri} className="text-xs text-accent underline underline-offset-2">
          {words.open}
        </a>
      </div>
    </>
  )
}

function RecoveryCodes({
  codes,
  onClose,
}: {
  readonly codes: readonly string[]
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={words.recoveryTitle}
      note={words.recoveryNote}
      actions={
        <>
          <Button onClick={() => void copyText(codes.join('\n'), words.recoveryTitle)}>
            {words.copyCodes}
          </Button>
          <Button look="primary" onClick={onClose}>
            {words.codesKept}
          </Button>
        </>
      }
    >
      <ul className="grid grid-cols-2 gap-x-6 gap-y-1 rounded-md bg-sunken p-3 font-mono text-sm select-all">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </Dialog>
  )
}
