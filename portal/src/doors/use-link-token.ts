import { useEffect, useState } from 'react'

import { takeLinkToken } from '~/doors/link-token.ts'

/** The token of the link that was opened; null where it is missing. */
export function useLinkToken(): string | null {
  const [token, setToken] = useState(takeLinkToken)
  useEffect(() => {
    // A second link that is opened in the same tab.
    const onHash = () => {
      if (location.hash.includes('token=')) setToken(takeLinkToken())
    }
    addEventListener('hashchange', onHash)
    return () => removeEventListener('hashchange', onHash)
  }, [])
  return token
}
