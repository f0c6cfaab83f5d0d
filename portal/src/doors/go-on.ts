import { forgetKey, home } from '~/api/place.ts'
import { ownPage } from '~/doors/where-to.ts'

/**
 * Leaves the door for a page of ours, or for the first one. The whole page is loaded anew: nothing of
 * whoever was here before stays in the tab.
 */
export function goOn(wanted: string | undefined): void {
  forgetKey()
  location.assign(ownPage(wanted, home) ?? home)
}
