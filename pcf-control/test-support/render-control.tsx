import { FluentProvider, webLightTheme } from '@fluentui/react-components';
import { render, type RenderResult } from '@testing-library/react';
import * as React from 'react';
import { Control } from '../RecordHistory/components/Control';
import { immediateClock } from './clock';
import type { FakeHost } from './fake-host';

const visible = () => Promise.resolve();

/** The control as a host draws it: below the host's own theme. */
export function renderControl(host: FakeHost): RenderResult {
  const clock = immediateClock();
  return render(
    <FluentProvider theme={webLightTheme}>
      <Control context={host.context} clock={clock} whenVisible={visible} />
    </FluentProvider>,
  );
}
