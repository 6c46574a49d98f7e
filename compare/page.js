/* The page of compare/html.h: filters and order of its table of findings. ASCII only; nothing is fetched, nothing is kept. */
(function () {
	"use strict";

	const table = document.getElementById("table");
	const form = document.getElementById("filters");

	if (!table || !form)
		return;

	const body = table.tBodies[0];
	const rows = Array.from(body.rows);
	const headers = Array.from(table.querySelectorAll("th[data-sort]"));
	const selects = Array.from(form.querySelectorAll("select"));
	const text = document.getElementById("by-text");
	const shown = document.getElementById("shown");
	const none = document.getElementById("none");
	const addresses = rows.map(function (row) {
		return Array.from(row.querySelectorAll(".address"), function (cell) {
			return cell.textContent;
		}).join(" ").toLowerCase();
	});

	function isWanted(row, words, place) {
		return selects.every(function (select) {
			return select.value === "" || row.dataset[select.dataset.by] === select.value;
		}) && words.every(function (word) {
			return addresses[place].includes(word);
		});
	}

	function count(number) {
		return number.toLocaleString("en-US");
	}

	function filter() {
		const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
		let left = 0;

		rows.forEach(function (row, place) {
			row.hidden = !isWanted(row, words, place);
			left += row.hidden ? 0 : 1;
		});
		none.hidden = left > 0;
		shown.textContent = left === rows.length ? count(left) + (left === 1 ? " finding" : " findings") :
			count(left) + " of " + count(rows.length) + " findings shown";
	}

	/* The cell's place in a row: headers that span two lines stand in the first of them, others in the second. */
	function placeOf(header) {
		const lines = table.tHead.rows;
		let place = 0;

		for (const cell of lines[0].cells) {
			if (cell === header)
				return place;
			if (cell.colSpan > 1 && header.parentNode === lines[1]) {
				const inner = Array.from(lines[1].cells).indexOf(header);
				const before = groupsBefore(lines[0], cell);

				if (inner < before + cell.colSpan)
					return place + inner - before;
			}
			place += cell.colSpan;
		}
		return place;
	}

	/* How many cells of the second line stand below groups that come before this one. */
	function groupsBefore(line, group) {
		let sum = 0;

		for (const cell of line.cells) {
			if (cell === group)
				break;
			sum += cell.colSpan > 1 ? cell.colSpan : 0;
		}
		return sum;
	}

	function keyOf(row, place) {
		const cell = row.cells[place];

		return cell.dataset.key === undefined ? cell.textContent : cell.dataset.key;
	}

	/* Equal rows keep the order of the comparison: sort() is stable and starts from it. */
	function sortBy(header, isRising) {
		const place = placeOf(header);
		const isNumber = header.dataset.sort === "number";
		const keyed = rows.map(function (row) {
			const key = keyOf(row, place);

			return { row: row, key: isNumber ? Number(key) : key };
		});

		keyed.sort(function (a, b) {
			const order = a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

			return isRising ? order : -order;
		});
		body.append(...keyed.map(function (one) {
			return one.row;
		}));
		headers.forEach(function (other) {
			other.removeAttribute("aria-sort");
		});
		header.setAttribute("aria-sort", isRising ? "ascending" : "descending");
	}

	headers.forEach(function (header) {
		const button = document.createElement("button");

		button.type = "button";
		button.textContent = header.textContent;
		if (header.dataset.of)
			button.setAttribute("aria-label", header.textContent + ", " + header.dataset.of);
		button.addEventListener("click", function () {
			sortBy(header, header.getAttribute("aria-sort") !== "ascending");
		});
		header.replaceChildren(button);
	});
	form.addEventListener("submit", function (event) {
		event.preventDefault();
	});
	form.addEventListener("input", filter);
	form.addEventListener("reset", function () {
		setTimeout(function () {
			filter();
			body.append(...rows);
			headers.forEach(function (header) {
				header.removeAttribute("aria-sort");
			});
		});
	});
	form.hidden = false;
	filter();
})();
