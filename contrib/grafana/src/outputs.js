// SPDX-License-Identifier: MIT
// All that is generated, by the directory of contrib that it is in.

import {dashboard} from "./dashboard.js";
import {graphite} from "./graphite.js";
import {join, split} from "./influxdb.js";
import {prometheus} from "./prometheus.js";
import {grafanaRules, prometheusRules} from "./rules.js";
import {yaml} from "./yaml.js";

const head = (/** @type {string} */ what) =>
  `# SPDX-License-Identifier: MIT\n# ${what}\n` +
  "# Made by contrib/grafana/generate.js from src/rules.js.\n";

/** @returns {Record<string, string>} */
export const outputs = () => ({
  ...Object.fromEntries([prometheus, split, join, graphite].map((source) =>
    [`grafana/dashboards/${source.file}`, JSON.stringify(dashboard(source), null, 1) + "\n"])),
  "alerts/bpfmem.rules.yml":
    head("Alerts for Prometheus, of write_prometheus' series.") +
    yaml(prometheusRules()),
  "alerts/grafana-bpfmem.yaml":
    head("Alerts for Grafana; copy to provisioning/alerting. datasourceUid is " +
      "that of a Prometheus.") +
    yaml(grafanaRules()),
});
