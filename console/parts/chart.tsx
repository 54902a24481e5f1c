/** Series over time by ECharts, which is a chunk of its own. Drawn on a canvas: no style of its own meets our policy. */
import { useComputedColorScheme } from '@mantine/core';
import { BarChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import { countText } from './numbers.ts';

use([BarChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

export type Series = {
  readonly name: string;
  readonly tone: 'good' | 'wait' | 'bad' | 'none';
  readonly values: readonly number[];
};
type ChartProps = {
  readonly name: string;
  readonly times: readonly string[];
  readonly series: readonly Series[];
  /** The times are hours, not days. */
  readonly isHours?: boolean;
};

const colours = {
  light: {
    good: '#2f9e68',
    wait: '#c98a1b',
    bad: '#d9534a',
    none: '#8c8995',
    ink: '#68656f',
    line: '#e7e5e0',
    paper: '#ffffff',
  },
  dark: {
    good: '#4cc38a',
    wait: '#e5b454',
    bad: '#ff8a7a',
    none: '#94919f',
    ink: '#9d9aa8',
    line: '#2c2b34',
    paper: '#211f28',
  },
} as const;

const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const hour = new Intl.DateTimeFormat(undefined, { weekday: 'short', hour: 'numeric' });

export function Chart({ name, times, series, isHours = false }: ChartProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    if (place.current === null) return undefined;
    const colour = colours[scheme];
    const chart = init(place.current);
    const text = { color: colour.ink, fontFamily: 'inherit', fontSize: 11 };
    chart.setOption({
      animation: false,
      aria: { enabled: true, label: { description: name } },
      color: series.map(({ tone }) => colour[tone]),
      grid: { left: 4, right: 4, top: 34, bottom: 2, containLabel: true },
      legend: { top: 0, left: 0, icon: 'circle', itemWidth: 8, itemHeight: 8, textStyle: text },
      tooltip: {
        trigger: 'axis',
        // HTML of its own would carry styles that the policy refuses.
        renderMode: 'richText',
        backgroundColor: colour.paper,
        borderColor: colour.line,
        textStyle: { ...text, fontSize: 12 },
        valueFormatter: (value: unknown) => countText(Number(value)),
      },
      xAxis: {
        type: 'category',
        data: times.map((at) => (isHours ? hour : day).format(new Date(at))),
        axisLine: { lineStyle: { color: colour.line } },
        axisTick: { show: false },
        axisLabel: text,
      },
      yAxis: {
        type: 'value',
        minInterval: 1,
        splitLine: { lineStyle: { color: colour.line } },
        axisLabel: { ...text, formatter: (value: number) => countText(value) },
      },
      series: series.map((each) => ({
        name: each.name,
        type: 'bar',
        stack: 'all',
        barMaxWidth: 22,
        data: [...each.values],
      })),
    });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [name, times, series, scheme, isHours]);
  return <div ref={place} role="img" aria-label={name} style={{ height: 240 }} />;
}
