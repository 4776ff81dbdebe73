import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import fc from 'fast-check';
import * as React from 'react';
import { immediateClock } from '../../../test-support/clock';
import { backendAnswer, fakeHost } from '../../../test-support/fake-host';
import { Control } from '../Control';

/** Choosing quickly: whatever order the answers come in, the screen ends with the version chosen last. */
test('a late answer never replaces the version that was chosen after it', async () => {
  await fc.assert(
    fc
      .asyncProperty(
        fc.scheduler({ act: async (work) => void (await act(async () => void (await work()))) }),
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
        async (scheduler, choices) => {
          const answer = backendAnswer();
          const host = fakeHost({
            answer: (id, input) => {
              const result = answer(id, input);
              if (result?.ok !== true || result.kind !== 'compare' || input.kind !== 'compare') return result;
              const [first, ...rest] = result.data.columns;
              const mark = {
                ...first!,
                from: { captured: true as const, value: input.from, text: `of ${input.from}` },
              };
              return { ...result, data: { ...result.data, columns: [mark, ...rest] } };
            },
          });
          const { webAPI } = host.context;
          webAPI.createRecord = scheduler.scheduleFunction(webAPI.createRecord);
          const clock = immediateClock();
          render(<Control context={host.context} clock={clock} whenVisible={() => Promise.resolve()} />);
          fireEvent.click(screen.getByRole('button', { name: 'Show backup history' }));
          await scheduler.waitIdle();
          const timeline = await screen.findByRole('navigation', { name: 'Versions' });
          for (const choice of choices) {
            fireEvent.click(within(within(timeline).getAllByRole('listitem')[choice]!).getByRole('button'));
          }
          await scheduler.waitIdle();
          const last = ['905', '811', '640', '512'][choices[choices.length - 1]!]!;
          expect(await screen.findByText(`of ${last}`)).toBeTruthy();
          expect(screen.queryAllByText(/^of \d/)).toHaveLength(1);
        },
      )
      .afterEach(async () => cleanup()),
    { numRuns: 15 },
  );
}, 60_000);
