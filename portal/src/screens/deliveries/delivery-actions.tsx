import { useNavigate } from '@tanstack/react-router'
import {
  CalendarClock,
  Clock,
  Copy,
  Download,
  EllipsisVertical,
  RotateCw,
  Trash2,
  X,
} from 'lucide-react'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { useChange } from '~/api/operation.ts'
import { isUnderWay, nameOf, type DeliveryRow } from '~/screens/deliveries/delivery-row.ts'
import { common } from '~/texts/common.ts'
import { deliveriesTexts as texts } from '~/texts/deliveries.ts'
import { Button, IconButton } from '~/ui/button.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Menu } from '~/ui/menu.tsx'
import { showDone } from '~/ui/toast.tsx'

/** What can be done with a delivery as it is: the nearest as buttons, the rest behind the dots. */
export function DeliveryActions({ row }: { readonly row: DeliveryRow }) {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const [isForgetting, setForgetting] = useState(false)
  const retry = useChange('deliveries.retry')
  const cancel = useChange('deliveries.cancel')
  const extend = useChange('deliveries.extend', {
    onDone: () => showDone(texts.extended, nameOf(row)),
  })
  const { id, state, link } = row
  const delivery = { delivery: id }
  return (
    <div className="flex items-center justify-end gap-1">
      {link !== null && (
        <>
          <IconButton label={texts.copyLink} onClick={() => void copyText(link, texts.linkCopied)}>
            <Copy size={15} />
          </IconButton>
          <a
            href={link}
            download
            className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line bg-surface px-2 text-xs font-medium hover:bg-sunken"
          >
            <Download size={14} aria-hidden />
            {texts.download}
          </a>
        </>
      )}
      {(state === 'failed' || state === 'cancelled') && (
        <Button
          size="small"
          operation="deliveries.retry"
          icon={<RotateCw size={14} aria-hidden />}
          busy={retry.isPending}
          onClick={() => retry.mutate(delivery)}
        >
          {texts.retry}
        </Button>
      )}
      {isUnderWay(row) && (
        <Button
          size="small"
          operation="deliveries.cancel"
          icon={<X size={14} aria-hidden />}
          busy={cancel.isPending}
          onClick={() => cancel.mutate(delivery)}
        >
          {texts.cancel}
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label={common.more}>
            <EllipsisVertical size={16} />
          </IconButton>
        }
        items={[
          {
            label: texts.again,
            icon: <CalendarClock size={14} aria-hidden />,
            operation: 'reports.create',
            onSelect: () =>
              void navigate({
                to: '/t/$tenant/reports',
                params: { tenant },
                search: { from: id },
              } as never),
          },
          ...(state === 'ready'
            ? [
                {
                  label: texts.extend,
                  icon: <Clock size={14} aria-hidden />,
                  operation: 'deliveries.extend' as const,
                  onSelect: () => extend.mutate(delivery),
                },
              ]
            : []),
          {
            label: texts.forget,
            icon: <Trash2 size={14} aria-hidden />,
            operation: 'deliveries.remove',
            danger: true,
            onSelect: () => setForgetting(true),
          },
        ]}
      />
      <Forgetting row={row} open={isForgetting} onClose={() => setForgetting(false)} />
    </div>
  )
}

function Forgetting(props: {
  readonly row: DeliveryRow
  readonly open: boolean
  readonly onClose: () => void
}) {
  const { row, open, onClose } = props
  const remove = useChange('deliveries.remove', {
    onDone: () => {
      onClose()
      showDone(texts.forgotten, nameOf(row))
    },
  })
  return (
    <Dialog
      open={open}
      onClose={onClose}
      size="small"
      title={texts.forgetTitle(nameOf(row))}
      note={texts.forgetNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="danger"
            busy={remove.isPending}
            onClick={() => remove.mutate({ delivery: row.id })}
          >
            {texts.forget}
          </Button>
        </>
      }
    />
  )
}
