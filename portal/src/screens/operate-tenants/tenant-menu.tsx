import { useNavigate } from '@tanstack/react-router'
import { Ellipsis } from 'lucide-react'
import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { LimitsDialog } from '~/screens/operate-tenants/limits-dialog.tsx'
import type { Pulse } from '~/screens/operate-tenants/pulse.ts'
import { RemoveDialog, SuspendDialog } from '~/screens/operate-tenants/standing-dialogs.tsx'
import { ViewDialog } from '~/screens/operate-tenants/view-dialog.tsx'
import { tenantsTexts as texts } from '~/texts/operate-tenants.ts'
import { IconButton } from '~/ui/button.tsx'
import { Menu, type MenuItem } from '~/ui/menu.tsx'
import { showDone } from '~/ui/toast.tsx'

type Asked = 'view' | 'limits' | 'suspend' | 'remove'

/** What can be done with a tenant, in the state that it is in. */
export function TenantMenu({ pulse }: { readonly pulse: Pulse }) {
  const { slug, name, state } = pulse
  const navigate = useNavigate()
  const [asked, setAsked] = useState<Asked | null>(null)
  const resume = useChange('tenants.resume', { onDone: () => showDone(texts.resumed, name) })
  const keep = useChange('tenants.keep', { onDone: () => showDone(texts.kept, name) })
  const close = () => setAsked(null)
  const standing: readonly MenuItem[] =
    state === 'active'
      ? [
          {
            label: texts.menu.suspend,
            operation: 'tenants.suspend',
            onSelect: () => setAsked('suspend'),
          },
        ]
      : state === 'suspended'
        ? [
            {
              label: texts.menu.resume,
              operation: 'tenants.resume',
              onSelect: () => resume.mutate({ slug }),
            },
          ]
        : [
            {
              label: texts.menu.keep,
              operation: 'tenants.keep',
              onSelect: () => keep.mutate({ slug }),
            },
          ]
  return (
    <>
      <Menu
        trigger={
          <IconButton label={texts.more(name)}>
            <Ellipsis size={16} />
          </IconButton>
        }
        items={[
          {
            label: texts.menu.open,
            onSelect: () => void navigate({ to: '/t/$tenant/home', params: { tenant: slug } }),
          },
          {
            label: texts.menu.viewAs,
            operation: 'tenants.viewAs',
            onSelect: () => setAsked('view'),
          },
          {
            label: texts.menu.limits,
            // What admins of a tenant may operators may of each; no tenant is in this address.
            operation: 'tenants.suspend',
            onSelect: () => setAsked('limits'),
          },
          ...standing,
          ...(state === 'deleting'
            ? []
            : [
                {
                  label: texts.menu.remove,
                  operation: 'tenants.suspend' as const,
                  danger: true,
                  onSelect: () => setAsked('remove'),
                },
              ]),
        ]}
      />
      {asked === 'view' && <ViewDialog {...{ slug, name }} onClose={close} />}
      {asked === 'limits' && <LimitsDialog {...{ slug, name }} onClose={close} />}
      {asked === 'suspend' && <SuspendDialog {...{ slug, name }} onClose={close} />}
      {asked === 'remove' && <RemoveDialog {...{ slug, name }} onClose={close} />}
    </>
  )
}
