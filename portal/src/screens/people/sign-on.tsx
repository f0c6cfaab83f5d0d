import { Building2, Copy, Plus } from 'lucide-react'
import { useState } from 'react'

import { useMay } from '~/api/access.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { ProviderDialog } from '~/screens/people/provider-dialog.tsx'
import type { Provider } from '~/screens/people/provider.ts'
import { RemoveProvider } from '~/screens/people/remove-provider.tsx'
import { people } from '~/texts/people.ts'
import { Button, IconButton } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { Checkbox } from '~/ui/field.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

/** By whom people of this tenant may be signed in. */
export function SignOn() {
  const providers = useOperation('identityProviders.list', {})
  const may = useMay()
  const [editing, setEditing] = useState<Provider | 'new'>()
  const [removing, setRemoving] = useState<Provider>()
  const require = useChange('signOn.require')
  const add = (
    <Button
      size="small"
      icon={<Plus size={14} />}
      operation="identityProviders.create"
      onClick={() => setEditing('new')}
    >
      {people.addProvider}
    </Button>
  )
  return (
    <Answer of={providers}>
      {({ providers: all, required }) => (
        <>
          <Card flush actions={all.length > 0 && add}>
            {all.length === 0 && (
              <Empty title={people.noProviders} icon={<Building2 size={22} />} action={add}>
                {people.noProvidersHint}
              </Empty>
            )}
            <ul>
              {all.map((provider) => (
                <ProviderRow
                  key={provider.id}
                  provider={provider}
                  onEdit={() => setEditing(provider)}
                  onRemove={() => setRemoving(provider)}
                />
              ))}
            </ul>
          </Card>
          {all.length > 0 && (
            <Card>
              <Checkbox
                label={people.required}
                hint={people.requiredHint}
                checked={required}
                disabled={!may('signOn.require') || require.isPending}
                onChange={(next) => require.mutate({ required: next })}
              />
            </Card>
          )}
          {editing !== undefined && (
            <ProviderDialog
              provider={editing === 'new' ? null : editing}
              onClose={() => setEditing(undefined)}
            />
          )}
          {removing && (
            <RemoveProvider provider={removing} onClose={() => setRemoving(undefined)} />
          )}
        </>
      )}
    </Answer>
  )
}

function ProviderRow({
  provider,
  onEdit,
  onRemove,
}: {
  readonly provider: Provider
  readonly onEdit: () => void
  readonly onRemove: () => void
}) {
  const { name, issuer, domains, defaultRole, link, redirectUri } = provider
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-t border-line px-4 py-3">
      <div className="mr-auto flex min-w-0 flex-col gap-0.5">
        <p className="truncate text-sm font-medium">{name}</p>
        <p className="truncate text-xs text-faint">{issuer}</p>
        <p className="text-xs text-soft">
          {domains.join(', ')} · {defaultRole ?? people.provider.byInvitation}
        </p>
        <Address label={people.provider.signInAt} address={link} />
        <Address label={people.provider.redirect} address={redirectUri} />
      </div>
      <Button
        size="small"
        operation="identityProviders.set"
        aria-label={`${people.edit}: ${name}`}
        onClick={onEdit}
      >
        {people.edit}
      </Button>
      <Button
        size="small"
        look="danger"
        operation="identityProviders.remove"
        aria-label={`${people.provider.remove}: ${name}`}
        onClick={onRemove}
      >
        {people.remove}
      </Button>
    </li>
  )
}

function Address({ label, address }: { readonly label: string; readonly address: string }) {
  return (
    <p className="flex min-w-0 items-center gap-1 text-xs">
      <span className="shrink-0 text-faint">{label}</span>
      <code className="truncate font-mono" title={address}>
        {address}
      </code>
      <IconButton label={people.provider.copy(label)} onClick={() => void copyText(address, label)}>
        <Copy size={13} />
      </IconButton>
    </p>
  )
}
