import { useState } from 'react'

import { useAccess } from '~/api/access.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { rightsByRole, rolesToGive } from '~/screens/people/permission-grid.ts'
import type { Provider } from '~/screens/people/provider.ts'
import { people } from '~/texts/people.ts'
import { Dialog } from '~/ui/dialog.tsx'
import { Select, TextField } from '~/ui/field.tsx'
import { showDone } from '~/ui/toast.tsx'

const words = people.provider

export function ProviderDialog({
  provider,
  onClose,
}: {
  /** Null: a new one. */
  readonly provider: Provider | null
  readonly onClose: () => void
}) {
  const [name, setName] = useState(provider?.name ?? '')
  const [issuer, setIssuer] = useState(provider?.issuer ?? '')
  const [clientId, setClientId] = useState(provider?.clientId ?? '')
  const [clientSecret, setClientSecret] = useState('')
  const [domains, setDomains] = useState(provider?.domains.join(', ') ?? '')
  const [defaultRole, setDefaultRole] = useState(provider?.defaultRole ?? '')
  const roles = useOperation('roles.list', { limit: 1000 })
  const own = useAccess()?.permissions ?? []
  const onDone = () => {
    showDone(words.saved(name))
    onClose()
  }
  const create = useChange('identityProviders.create', { quiet: true, onDone })
  const set = useChange('identityProviders.set', { quiet: true, onDone })
  const save = () => {
    const fields = {
      name,
      issuer: issuer.trim(),
      clientId: clientId.trim(),
      ...(clientSecret !== '' && { clientSecret }),
      domains: domains.split(/[\s,;]+/).filter((domain) => domain !== ''),
      defaultRole,
    }
    if (provider === null) create.mutate(fields)
    else set.mutate({ provider: provider.id, ...fields })
  }
  const given = roles.data ? rolesToGive(rightsByRole(roles.data), own) : []
  return (
    <Dialog
      open
      onClose={onClose}
      title={provider === null ? words.addTitle : words.editTitle(provider.name)}
      note={words.addNote}
    >
      <DoorForm
        submit={words.save}
        busy={create.isPending || set.isPending}
        error={create.error ?? set.error}
        onSubmit={save}
      >
        <TextField
          label={words.name}
          required
          maxLength={100}
          autoFocus
          value={name}
          onChange={setName}
        />
        <TextField
          label={words.issuer}
          hint={words.issuerHint}
          type="url"
          required
          maxLength={500}
          value={issuer}
          onChange={setIssuer}
        />
        <TextField
          label={words.clientId}
          required
          maxLength={300}
          value={clientId}
          onChange={setClientId}
        />
        <TextField
          label={words.clientSecret}
          hint={provider?.hasSecret ? words.secretKept : words.secretHint}
          type="password"
          autoComplete="new-password"
          maxLength={1000}
          value={clientSecret}
          onChange={setClientSecret}
        />
        <TextField
          label={words.domains}
          hint={words.domainsHint}
          required
          value={domains}
          onChange={setDomains}
        />
        <Select
          label={words.defaultRole}
          value={defaultRole}
          onChange={setDefaultRole}
          choices={[
            { value: '', label: words.byInvitation },
            ...given
              .filter((role) => role.name !== 'owner')
              .map((role) => ({ value: role.name, label: role.name })),
          ]}
        />
      </DoorForm>
    </Dialog>
  )
}
