/** Deployments as lines across all charts; kills for want of memory as triangles on the chart of memory. */
import type uPlot from 'uplot';
import type { MetricsMark } from '../../../../src/contract/metrics.ts';
import type { ChartColours } from '../../design/chart.tsx';

export function drawMarks(
  plot: uPlot,
  marks: readonly MetricsMark[],
  colours: ChartColours,
  chart: string,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  for (const { at, kind } of marks) {
    const x = plot.valToPos(Date.parse(at) / 1_000, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    if (kind === 'deployment') {
      ctx.strokeStyle = colours.good;
      ctx.lineWidth = ratio;
      ctx.setLineDash([3 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    } else if (kind === 'out-of-memory' && chart === 'memory') {
      const size = 5 * ratio;
      ctx.setLineDash([]);
      ctx.fillStyle = colours.bad;
      ctx.beginPath();
      ctx.moveTo(x - size, bbox.top);
      ctx.lineTo(x + size, bbox.top);
      ctx.lineTo(x, bbox.top + size * 1.7);
      ctx.fill();
    }
  }
  ctx.restore();
}
