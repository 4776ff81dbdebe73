import { FluentProvider, IdPrefixProvider, webLightTheme } from '@fluentui/react-components';
import * as React from 'react';
import { useSurroundings } from '../surroundings';

/**
 * Gives the host's theme back to what renders in a portal. It wraps the dialog, not the control: a dialog without a
 * trigger leaves nothing in place, and its portal takes theme and direction from the nearest provider.
 */
export const Themed: React.FC = ({ children }) => {
  const { theme, isRtl } = useSurroundings();
  return (
    <IdPrefixProvider value="rowback-">
      <FluentProvider theme={theme ?? webLightTheme} dir={isRtl ? 'rtl' : 'ltr'}>
        {children}
      </FluentProvider>
    </IdPrefixProvider>
  );
};
