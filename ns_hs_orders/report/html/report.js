/* The tables of the report: sorting, filtering, paging, and the orders behind a step of the bridge.
   Whatever came from NetSuite or HubSpot is put in as text. Amounts are minor units as text: no number of theirs
   is ever a float. Nothing here asks the network for anything. */
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const ON_SCREEN = 50;
  const ON_PAPER = 200;
  const FEW = 5;
  const MOST_DECIMALS = 4;
  const tables = [];

  /* Columns ------------------------------------------------------------------------------------------------ */

  function read(column) {
    if (column.at) return (row) => column.texts[column.at[row]] ?? null;
    if (column.prefix) return (row) => (column.values[row] === null ? null : column.prefix + column.values[row]);
    return (row) => column.values[row];
  }

  /** The values of a column by row; a table whose rows name an order also has that order's columns. */
  function reader(table, key) {
    if (key in table.columns) return read(table.columns[key]);
    const ofOrder = read(data.orders.columns[key]);
    return (row) => ofOrder(table.order[row]);
  }

  /* Values for people -------------------------------------------------------------------------------------- */

  function amount(minor, currency, signed) {
    if (minor === null) return "";
    const places = data.exponents[currency];
    if (places === undefined) return `${minor} minor units`;
    const negative = minor.startsWith("-");
    const digits = (negative ? minor.slice(1) : minor).padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
    const decimals = places ? `.${digits.slice(-places)}` : "";
    const sign = negative ? "-" : signed && minor !== "0" ? "+" : "";
    return `${sign}${whole}${decimals} ${currency}`;
  }

  const count = (number) => number.toLocaleString("en-US");
  const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

  /* Elements ----------------------------------------------------------------------------------------------- */

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  function link(url, text, label) {
    if (!url || !/^https?:\/\/[^\s"'<>\\]+$/i.test(url)) return null;
    return element("a", { href: url, target: "_blank", rel: "noopener noreferrer", "aria-label": label }, text);
  }

  const small = (text, kind = "small") => (text ? element("span", { class: kind }, text) : null);

  /* Kinds of cells: what stands in one, what it is found by, and what it is sorted by ---------------------------- */

  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  /** Ranks of a text column's rows, empty ones null: texts are compared once each, and not row by row. */
  function ranks(value, size) {
    const distinct = new Set();
    for (let row = 0; row < size; row++) distinct.add(value(row));
    distinct.delete(null);
    const ordered = [...distinct].sort(collator.compare);
    const places = new Map(ordered.map((text, at) => [text, at]));
    return (row) => places.get(value(row)) ?? null;
  }

  const KINDS = {
    text: (table, key) => {
      const value = reader(table, key);
      return { text: value, key: () => ranks(value, table.size), cell: (row) => [value(row) ?? ""] };
    },
    name: (table, key) => KINDS.text(table, key),
    number: (table, key) => {
      const value = reader(table, key);
      return { text: (row) => count(value(row)), key: () => value, cell: (row) => [count(value(row))] };
    },
    amount: (table, key, { signed = false, currency = "currency" } = {}) => {
      const minor = reader(table, key);
      const code = reader(table, currency);
      const text = (row) => amount(minor(row), code(row), signed);
      return {
        text,
        cell: (row) => [text(row)],
        key: () => {
          const keys = Array.from({ length: table.size }, (_, row) => {
            if (minor(row) === null) return null;
            const places = data.exponents[code(row)] ?? 0;
            return BigInt(minor(row)) * 10n ** BigInt(MOST_DECIMALS - places);
          });
          return (row) => keys[row];
        },
      };
    },
    order: (table) => {
      const [number, id, on, netsuite, hubspot] = [
        "order_number", "order_id_netsuite", "order_on", "url_netsuite", "url_hubspot",
      ].map((key) => reader(table, key));
      const name = (row) => number(row) ?? id(row);
      return {
        text: (row) => `${name(row)} ${id(row)} ${on(row)}`,
        key: () => ranks(name, table.size),
        cell: (row) => {
          const links = [
            link(netsuite(row), "NetSuite", `${name(row)} in NetSuite`),
            link(hubspot(row), "HubSpot", `${name(row)} in HubSpot`),
          ].filter((one) => one !== null);
          return [
            element("span", { class: "name" }, name(row)),
            small(on(row)),
            links.length ? element("span", { class: "links" }, ...links) : null,
          ];
        },
      };
    },
    owner: (table) => {
      const value = reader(table, "rep_name");
      const text = (row) => value(row) || "no owner";
      return { text, key: () => ranks(text, table.size), cell: (row) => [text(row)] };
    },
    age: (table) => {
      const [days, first, last] = ["age_days", "first_seen_on", "last_seen_on"].map((key) => reader(table, key));
      return {
        text: (row) => `${count(days(row))} ${first(row)} ${last(row)}`,
        key: () => days,
        cell: (row) => [count(days(row)), small(`since ${first(row)}`), small(last(row) === first(row) ? "" : `last ${last(row)}`)],
      };
    },
    judged: (table) => {
      const [cause, status, by] = ["cause", "status", "acknowledged"].map((key) => reader(table, key));
      return {
        text: (row) => `${cause(row)} ${status(row)} ${by(row) ?? ""}`,
        key: () => ranks(cause, table.size),
        cell: (row) => [
          element("div", {}, cause(row)),
          element("span", { class: `chip ${status(row)}` }, status(row)),
          small(by(row)),
        ],
      };
    },
    todo: (table) => {
      const [step, why] = ["next_step", "explanation"].map((key) => reader(table, key));
      return {
        text: (row) => `${step(row)} ${why(row) ?? ""}`,
        key: () => ranks(step, table.size),
        cell: (row) => [step(row), small(why(row))],
      };
    },
    change: (table) => {
      const [by, at] = ["changed_by", "changed_at"].map((key) => reader(table, key));
      return {
        text: (row) => `${by(row) ?? ""} ${at(row) ?? ""}`,
        key: () => ranks(at, table.size),
        cell: (row) => [by(row) ?? "", small(at(row))],
      };
    },
    why: (table) => {
      const [cause, outcome, reason, explanation] = ["cause", "outcome", "reason", "explanation"].map((key) =>
        reader(table, key),
      );
      const details = (row) => explanation(row) || reason(row) || "";
      return {
        text: (row) => `${cause(row) ?? ""} ${outcome(row)} ${details(row)}`,
        key: () => ranks(cause, table.size),
        cell: (row) => [cause(row) ?? "", small(details(row))],
      };
    },
    stage: (table) => {
      const [netsuite, hubspot] = ["stage_netsuite", "stage_hubspot"].map((key) => reader(table, key));
      const text = (row) =>
        netsuite(row) === hubspot(row) || !hubspot(row) || !netsuite(row)
          ? (netsuite(row) ?? hubspot(row) ?? "")
          : `${netsuite(row)} → ${hubspot(row)}`;
      return { text, key: () => ranks(text, table.size), cell: (row) => [text(row)] };
    },
    choice: (table, key, { filters, by }) => {
      const value = reader(table, key);
      const text = (row) => value(row) || "no owner";
      return {
        text,
        key: () => ranks(text, table.size),
        cell: (row) => {
          const button = element("button", { type: "button", class: "plain" }, text(row));
          button.addEventListener("click", () => tables.find((one) => one.name === filters).choose(by, text(row)));
          return [button];
        },
      };
    },
  };

  const NUMBERS = new Set(["number", "amount", "age"]);
  const NAMES = new Set(["order", "choice", "name"]); // they say what their row is about

  /* Which columns each table has ------------------------------------------------------------------------------ */

  const SALES = [
    ["In NetSuite", "amount", "sales_netsuite_minor"],
    ["In HubSpot", "amount", "sales_hubspot_minor", { currency: "currency_of_hubspot" }],
    ["Difference", "amount", "difference_minor", { signed: true }],
  ];
  const ORDER_COLUMNS = [
    ["Order", "order"],
    ["Customer", "text", "customer_name"],
    ["Owner", "owner", "rep_name"],
    ["Cause", "why", "cause"],
    ["Stage", "stage", "stage_netsuite"],
    ...SALES,
    ["Changed by", "change", "changed_at"],
  ];
  const BY_CAUSE_AND_OWNER = [["Cause", "cause"], ["Owner", "owner"]];
  const VIEWS = {
    risks: {
      of: "risks",
      columns: [
        ["Rank", "number", "rank"],
        ["Order", "order"],
        ["Customer", "text", "customer_name"],
        ["Owner", "owner", "rep_name"],
        ["Cause", "judged", "cause"],
        ["At risk", "amount", "at_risk_minor"],
        ["Days", "age", "age_days"],
        ["What to do", "todo", "next_step"],
      ],
      choices: [...BY_CAUSE_AND_OWNER, ["Status", "status"]],
    },
    risk_causes: {
      of: "risk_causes",
      columns: [
        ["Cause", "choice", "name", { filters: "risks", by: "cause" }],
        ["Orders", "number", "orders"],
        ["At risk", "amount", "at_risk_minor"],
        ["Acknowledged", "number", "acknowledged"],
      ],
    },
    risk_owners: {
      of: "risk_owners",
      columns: [
        ["Owner", "choice", "name", { filters: "risks", by: "owner" }],
        ["Orders", "number", "orders"],
        ["At risk", "amount", "at_risk_minor"],
        ["Acknowledged", "number", "acknowledged"],
      ],
    },
    differences: {
      of: "differences",
      columns: [
        ["Order", "order"],
        ["Customer", "text", "customer_name"],
        ["Owner", "owner", "rep_name"],
        ["Field", "text", "field"],
        ["NetSuite says", "text", "netsuite"],
        ["HubSpot says", "text", "hubspot"],
        ["Apart", "amount", "difference_minor", { signed: true }],
        ["Cause", "text", "cause"],
      ],
      choices: [["Cause", "cause"], ["Owner", "owner"], ["Field", "field"]],
    },
    orders: { of: "orders", columns: ORDER_COLUMNS, choices: BY_CAUSE_AND_OWNER },
    integrity: {
      of: "integrity",
      columns: [
        ["Order", "text", "order"],
        ["Day", "text", "order_on"],
        ["System", "text", "system"],
        ["Rule", "text", "rule"],
        ["What is found", "text", "words"],
        ["Apart", "amount", "amount_minor", { signed: true }],
        ["Named reason", "text", "reason"],
      ],
      choices: [["Rule", "rule"], ["System", "system"], ["Reason", "reason"]],
    },
    net_groups: {
      of: "net_groups",
      columns: [
        ["Name", "name", "name"],
        ["By", "text", "by"],
        ["Sums", "text", "view"],
        ["Orders", "number", "orders"],
        ["Returns", "number", "returns"],
        ["Gross", "amount", "gross_netsuite_minor"],
        ["Returned", "amount", "returned_netsuite_minor"],
        ["Net in NetSuite", "amount", "net_netsuite_minor"],
        ["Net in HubSpot", "amount", "net_hubspot_minor"],
        ["Difference", "amount", "difference_minor", { signed: true }],
      ],
      choices: [["By", "by"], ["Sums", "view"]],
    },
    returns: {
      of: "returns",
      columns: [
        ["Return", "order"],
        ["Customer", "text", "customer_name"],
        ["Owner", "owner", "rep_name"],
        ["Its order", "text", "its_order"],
        ["What it is", "text", "name"],
        ["Stage", "text", "stage"],
        ["Whole amount", "amount", "amount_minor"],
        ["Counts in NetSuite", "amount", "returned_netsuite_minor"],
        ["Counts in HubSpot", "amount", "returned_hubspot_minor", { currency: "currency_hubspot" }],
        ["Beyond its order", "amount", "over_minor"],
        ["Cause", "why", "cause"],
        ["Without an order", "text", "without_order"],
      ],
      choices: [["What it is", "name"], ["Cause", "cause"], ["Owner", "owner"], ["Stage", "stage"]],
    },
    control: {
      of: "control",
      columns: [
        ["Day", "text", "order_on"],
        ["Currency", "text", "currency"],
        ["Orders counted", "number", "orders_counted"],
        ["Orders read", "number", "orders_read"],
        ["Summed by NetSuite", "amount", "total_counted_minor"],
        ["Sum of what was read", "amount", "total_read_minor"],
        ["Verdict", "text", "agrees"],
      ],
    },
  };

  /* A table --------------------------------------------------------------------------------------------------- */

  class Table {
    /** rows: places in the data, in their first order. */
    constructor(host, name, caption, rows, view = VIEWS[name]) {
      const table = typeof view.of === "string" ? data[view.of] : view.of;
      this.name = name;
      this.caption = caption;
      this.table = table;
      this.rows = rows;
      this.shown = rows;
      this.from = 0;
      this.length = ON_SCREEN;
      this.columns = view.columns.map(([label, kind, key, options]) => ({
        label,
        kind,
        isNumber: NUMBERS.has(kind),
        isName: NAMES.has(kind),
        ...KINDS[kind](table, key, options),
      }));
      this.choices = (view.choices ?? []).map(([label, key]) => this.choice(label, key));
      this.build(host);
      this.show();
      tables.push(this);
    }

    choice(label, key) {
      const value = key === "owner" ? KINDS.owner(this.table).text : reader(this.table, key);
      const found = new Map();
      for (const row of this.rows) found.set(value(row), (found.get(value(row)) ?? 0) + 1);
      const options = [...found].filter(([text]) => text !== null).sort((a, b) => collator.compare(a[0], b[0]));
      const select = element(
        "select",
        {},
        element("option", { value: "" }, "all"),
        ...options.map(([text, times]) => element("option", { value: `=${text}` }, `${text} (${count(times)})`)),
      );
      select.addEventListener("change", () => this.filter());
      return { label, key, value, select };
    }

    build(host) {
      this.search = element("input", { type: "search", autocomplete: "off", spellcheck: "false" });
      let waiting = 0;
      this.search.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => this.filter(), 100);
      });
      this.told = element("p", { class: "told", role: "status" });
      this.body = element("tbody");
      this.heads = this.columns.map((column, at) => {
        const button = element("button", { type: "button" }, column.label);
        button.addEventListener("click", () => this.sort(at));
        return element("th", { scope: "col", class: column.isNumber ? "number" : null }, button);
      });
      this.previous = element("button", { type: "button" }, "Previous");
      this.next = element("button", { type: "button" }, "Next");
      this.previous.addEventListener("click", () => this.turn(-1));
      this.next.addEventListener("click", () => this.turn(1));
      this.pages = element("nav", { class: "pages", "aria-label": `Pages of ${this.caption}` }, this.previous, this.next);
      this.scroller = element(
        "div",
        { class: "wide", tabindex: "0", role: "region", "aria-label": this.caption },
        element(
          "table",
          {},
          element("caption", {}, this.caption),
          element("thead", {}, element("tr", {}, ...this.heads)),
          this.body,
        ),
      );
      const tools = element(
        "div",
        { class: "tools", role: "search", "aria-label": `Filter ${this.caption}` },
        element("label", {}, "Find ", this.search),
        ...this.choices.map(({ label, select }) => element("label", {}, `${label} `, select)),
      );
      tools.hidden = this.rows.length < FEW;
      host.replaceChildren(tools, element("div", { class: "bar" }, this.told, this.pages), this.scroller);
    }

    /** What a row is found by; put together when first needed. */
    words(row) {
      this.haystack ??= new Map();
      let words = this.haystack.get(row);
      if (words === undefined) {
        words = this.columns.map((column) => column.text(row) ?? "").join("\n").toLowerCase();
        this.haystack.set(row, words);
      }
      return words;
    }

    filter() {
      const sought = this.search.value.trim().toLowerCase();
      const chosen = this.choices.filter(({ select }) => select.value !== "");
      this.shown = this.rows.filter(
        (row) =>
          chosen.every(({ select, value }) => `=${value(row)}` === select.value) &&
          (sought === "" || this.words(row).includes(sought)),
      );
      this.from = 0;
      this.order();
      this.show();
    }

    choose(key, text) {
      this.search.value = "";
      for (const one of this.choices) one.select.value = one.key === key ? `=${text}` : "";
      this.filter();
      this.scroller.focus();
    }

    sort(at) {
      this.descending = this.sorted === at ? !this.descending : this.columns[at].isNumber;
      this.sorted = at;
      this.heads.forEach((head, place) => {
        if (place === at) head.setAttribute("aria-sort", this.descending ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      this.from = 0;
      this.order();
      this.show();
    }

    order() {
      if (this.sorted === undefined) return;
      const column = this.columns[this.sorted];
      column.sortedBy ??= column.key();
      const key = column.sortedBy;
      const turned = this.descending ? -1 : 1;
      this.shown = this.shown
        .map((row, place) => [key(row), row, place])
        .sort((a, b) => {
          if (a[0] === null || b[0] === null) return (a[0] === null) - (b[0] === null) || a[2] - b[2];
          return a[0] < b[0] ? -turned : a[0] > b[0] ? turned : a[2] - b[2];
        })
        .map(([, row]) => row);
    }

    turn(pages) {
      const from = this.from + pages * this.length;
      if (from < 0 || from >= this.shown.length) return;
      this.from = from;
      this.show();
    }

    show() {
      const until = Math.min(this.from + this.length, this.shown.length);
      this.body.replaceChildren(
        ...this.shown.slice(this.from, until).map((row) =>
          element(
            "tr",
            {},
            ...this.columns.map((column) =>
              element(
                column.isName ? "th" : "td",
                { class: column.isNumber ? "number" : column.kind, scope: column.isName ? "row" : null },
                ...column.cell(row),
              ),
            ),
          ),
        ),
      );
      this.told.textContent = this.summary(until);
      this.previous.setAttribute("aria-disabled", String(this.from === 0));
      this.next.setAttribute("aria-disabled", String(until === this.shown.length));
      this.pages.hidden = this.shown.length <= this.length;
    }

    summary(until) {
      if (!this.rows.length) return "None.";
      const all = plural(this.rows.length, "row");
      if (!this.shown.length) return `No row of ${all} is found.`;
      const found = this.shown.length === this.rows.length ? all : `${count(this.shown.length)} found of ${all}`;
      const sorted =
        this.sorted === undefined
          ? ""
          : `, by ${this.columns[this.sorted].label}, ${this.descending ? "descending" : "ascending"}`;
      const part = until - this.from < this.shown.length ? `${count(this.from + 1)} to ${count(until)} of ` : "";
      return `${part}${found}${sorted}`;
    }

    /** On paper: the first rows in the order and filter of the screen, and a word of how many more there are. */
    print() {
      this.onScreen = this.from;
      this.from = 0;
      this.length = ON_PAPER;
      this.show();
      const more = this.shown.length - ON_PAPER;
      if (more > 0) this.told.textContent += `. On paper the first ${ON_PAPER}; ${plural(more, "more row")} in the file`;
    }

    printed() {
      this.length = ON_SCREEN;
      this.from = this.onScreen;
      this.show();
    }

    leave() {
      tables.splice(tables.indexOf(this), 1);
    }
  }

  /* The orders behind a step of a bridge ------------------------------------------------------------------------ */

  const LEFT_OUT_COLUMNS = [
    ["Order", "order"],
    ["Customer", "text", "customer_name"],
    ["Owner", "owner", "rep_name"],
    ["Stage", "stage", "stage_netsuite"],
    ["Total in NetSuite", "amount", "netsuite_minor"],
    ["Left out", "amount", "amount_minor", { signed: true }],
  ];

  /** The orders behind a step: the view of them, and their places; undefined where it has none. */
  function behind({ opens, currency, step }) {
    const found = data[opens][currency]?.[step];
    if (opens === "steps") return found && { view: { of: "orders", columns: ORDER_COLUMNS }, rows: found };
    const table = found && {
      size: found.orders.length,
      order: found.orders,
      columns: { amount_minor: { values: found.amounts } },
    };
    const rows = found?.orders.map((_, row) => row);
    return found && { view: { of: table, columns: LEFT_OUT_COLUMNS }, rows, of: found.of };
  }

  function opens(row) {
    const orders = behind(row.dataset);
    const panel = document.getElementById(row.dataset.panel);
    if (!orders) return;
    const head = row.querySelector("th");
    const button = element(
      "button",
      { type: "button", class: "step", "aria-expanded": "false", "aria-controls": panel.id },
      ...head.childNodes,
    );
    head.replaceChildren(button);
    const { currency, step } = row.dataset;
    const largest = orders.of > orders.rows.length ? `: the ${orders.rows.length} largest` : "";
    const label = `Orders behind “${step}”, ${currency || "all currencies"}${largest}`;
    button.addEventListener("click", () => {
      const wasOpen = button.getAttribute("aria-expanded") === "true";
      close(panel);
      if (!wasOpen) open(panel, button, label, orders);
    });
    row.querySelector("svg")?.addEventListener("click", () => button.click());
  }

  function open(panel, button, label, orders) {
    const heading = element("h4", { tabindex: "-1" }, label);
    const done = element("button", { type: "button" }, "Close");
    const host = element("div", { class: "rows" });
    done.addEventListener("click", () => {
      close(panel);
      button.focus();
    });
    panel.replaceChildren(element("div", { class: "panel-head" }, heading, done), host);
    panel.table = new Table(host, panel.id, label, orders.rows, orders.view);
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    heading.focus();
  }

  function close(panel) {
    panel.table?.leave();
    panel.table = undefined;
    panel.hidden = true;
    panel.replaceChildren();
    for (const button of document.querySelectorAll(`button[aria-controls="${panel.id}"]`)) {
      button.setAttribute("aria-expanded", "false");
    }
  }

  /* Start --------------------------------------------------------------------------------------------------------- */

  /** HubSpot's amount is in HubSpot's currency where the order has one there. */
  const ofHubSpot = read(data.orders.columns.currency_hubspot);
  const ofNetSuite = read(data.orders.columns.currency);
  data.orders.columns.currency_of_hubspot = {
    values: Array.from({ length: data.orders.size }, (_, row) => ofHubSpot(row) ?? ofNetSuite(row)),
  };

  for (const host of document.querySelectorAll("[data-view]")) {
    const { view, caption } = host.dataset;
    const table = data[VIEWS[view].of];
    const rows = Array.from({ length: table.listed ?? table.size }, (_, row) => row);
    new Table(host, view, caption, rows);
  }
  for (const row of document.querySelectorAll("tr[data-opens]")) opens(row);

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
    for (const table of tables) table.print();
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
    for (const table of tables) table.printed();
  });
})();
