/**
 * The charts of the report. Runs in the page, which holds Chart.js and the run's results (`#report`) itself; every
 * `<canvas data-group>` shows the cases of one baseline, with whiskers from the first to the third quartile of the rounds.
 */
(() => {
  const HUNDRED = 100;
  /** From the slowest to the fastest case; beyond that only a logarithm shows both. */
  const LINEAR_UP_TO = 12;
  const report = JSON.parse(document.getElementById("report").textContent);
  const style = getComputedStyle(document.documentElement);
  /** @type {Set<Chart>} */
  const drawn = new Set();

  const colour = (name) => style.getPropertyValue(`--${name}`).trim();

  function quantile(values, share) {
    const sorted = [...values].sort((a, b) => a - b);
    const place = (sorted.length - 1) * share;
    const below = sorted[Math.floor(place)];
    return below + (sorted[Math.ceil(place)] - below) * (place - Math.floor(place));
  }

  /** ns of the quartiles of a case. */
  const rangeOf = ({ rounds }) => [quantile(rounds, 0.25), quantile(rounds, 0.75)];

  /** Chart.js has no error bars of its own. */
  const whiskers = {
    id: "whiskers",
    afterDatasetsDraw(chart) {
      drawWhiskers(chart.ctx, chart.scales.x, chart.getDatasetMeta(0).data, chart.data.datasets[0].ranges);
    },
  };

  function drawWhiskers(context, scale, bars, ranges) {
    context.save();
    context.strokeStyle = colour("ink");
    context.lineWidth = 1.5;
    for (const [index, { y, height }] of bars.entries()) {
      const [from, to] = ranges[index].map((ns) => scale.getPixelForValue(ns));
      const arm = height / 4;
      context.beginPath();
      context.moveTo(from, y);
      context.lineTo(to, y);
      for (const end of [from, to]) {
        context.moveTo(end, y - arm);
        context.lineTo(end, y + arm);
      }
      context.stroke();
    }
    context.restore();
  }

  /** Another library's, the first of its group, or any other. */
  function kindOf({ name, baseline }) {
    if (/cockatiel|opossum/.test(name)) return "peer";
    return name === baseline ? "baseline" : "case";
  }

  function labelOf(context, operation) {
    const one = context.dataset.cases[context.dataIndex];
    const spread = (one.spread * HUNDRED).toFixed(1);
    return `${one.ns.toPrecision(3)} ns/${operation}, ±${spread} %`;
  }

  function configOf(section, cases) {
    const times = cases.map(({ ns }) => ns);
    const isWide = Math.max(...times) / Math.min(...times) > LINEAR_UP_TO;
    const ranges = cases.map(rangeOf);
    const axis = { color: colour("ink") };
    const grid = { color: colour("line") };
    return {
      type: "bar",
      data: {
        labels: cases.map(({ name }) => name),
        datasets: [
          {
            data: times,
            cases,
            ranges,
            backgroundColor: cases.map((one) => colour(kindOf(one))),
          },
        ],
      },
      options: {
        indexAxis: "y",
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { label: (context) => labelOf(context, section.operation) } },
        },
        scales: {
          x: {
            type: isWide ? "logarithmic" : "linear",
            beginAtZero: true,
            suggestedMax: Math.max(...ranges.flat()),
            title: {
              display: true,
              text: `ns/${section.operation}${isWide ? ", logarithmic" : ""}`,
              ...axis,
            },
            ticks: axis,
            grid,
          },
          y: { ticks: { ...axis, autoSkip: false }, grid: { display: false } },
        },
      },
      plugins: [whiskers],
    };
  }

  function draw() {
    for (const chart of drawn) chart.destroy();
    drawn.clear();
    for (const canvas of document.querySelectorAll("canvas[data-group]")) {
      const section = report.sections.find(({ name }) => name === canvas.dataset.section);
      const cases = section.cases.filter(({ baseline, name }) => (baseline ?? name) === canvas.dataset.group);
      drawn.add(new Chart(canvas, configOf(section, cases)));
    }
  }

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
