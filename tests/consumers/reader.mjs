// Programs that read flow logs, behind one pipe: reader.mjs FOLDER, where node_modules is.
//
// Takes a JSON object a line and answers with one: { sql } asks DuckDB; { vrl, lines } runs a program of Vector's
// language over each line; { hyparquet } and { arrow } read a file of Parquet. A failure is { error }.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(process.argv[2] + "/");
const load = name => import(pathToFileURL(require.resolve(name)));
const LINES_MOST = 10000; // that are handed back; all are in the digest

let connection;

async function sql(text) {
	if (!connection) {
		const { DuckDBInstance } = require("@duckdb/node-api");
		connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
	}
	const answer = await connection.runAndReadAll(text);
	return { columns: answer.columnNames(), types: answer.columnTypes().map(String), rows: answer.getRowsJson() };
}

function vrl(program, lines) {
	const { check, execute, formatDiagnostic } = require("@bpinternal/verel");
	const wrong = check(program).errors;
	if (wrong.length)
		throw new Error(formatDiagnostic(wrong[0]));
	return { events: lines.map(line => execute(program, { message: line }).event) };
}

// Rows again as lines of text: their count, a digest of all, and the first of them.
class Lines {
	constructor() {
		this.count = 0;
		this.digest = createHash("sha256");
		this.pending = "";
		this.first = [];
	}

	add(values) {
		let line = "";
		for (const value of values)
			line += (line && " ") + (value ?? "-");
		this.pending += line + "\n";
		if (this.pending.length > 65536) {
			this.digest.update(this.pending);
			this.pending = "";
		}
		if (this.count++ < LINES_MOST)
			this.first.push(line);
	}

	answer() {
		return { count: this.count, digest: this.digest.update(this.pending).digest("hex"), lines: this.first };
	}
}

async function hyparquet(path) {
	const { parquetMetadata, parquetRead, parquetSchema } = await load("hyparquet");
	const { compressors } = await load("hyparquet-compressors");
	const bytes = readFileSync(path);
	const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
	const metadata = parquetMetadata(file);
	const columns = parquetSchema(metadata).children.map(child => child.element);
	const names = columns.map(column => column.name);
	const lines = new Lines();
	let start = 0;
	for (const group of metadata.row_groups) { // one in memory at a time
		const end = start + Number(group.num_rows);
		await parquetRead({ file, metadata, compressors, rowStart: start, rowEnd: end, rowFormat: "array",
			onComplete: rows => rows.forEach(row => lines.add(row)) });
		start = end;
	}
	return { ...lines.answer(), columns: names, created_by: metadata.created_by, groups: metadata.row_groups.length,
		types: columns.map(column => column.type), optional: columns.every(column => column.repetition_type === "OPTIONAL") };
}

async function arrow(path) {
	const { readParquet } = await load("parquet-wasm");
	const { tableFromIPC } = require("apache-arrow");
	const table = tableFromIPC(readParquet(readFileSync(path)).intoIPCStream());
	const lines = new Lines();
	for (const batch of table.batches) {
		const columns = batch.schema.fields.map((_, at) => batch.getChildAt(at));
		for (let at = 0; at < batch.numRows; at++)
			lines.add(columns.map(column => column.get(at)));
	}
	return { ...lines.answer(), columns: table.schema.fields.map(field => field.name),
		types: table.schema.fields.map(field => String(field.type)) };
}

for await (const line of createInterface({ input: process.stdin })) {
	const ask = JSON.parse(line);
	let answer;
	try {
		if (ask.sql !== undefined)
			answer = await sql(ask.sql);
		else if (ask.vrl !== undefined)
			answer = vrl(ask.vrl, ask.lines);
		else if (ask.hyparquet !== undefined)
			answer = await hyparquet(ask.hyparquet);
		else
			answer = await arrow(ask.arrow);
	} catch (why) {
		answer = { error: String(why?.message ?? why) };
	}
	process.stdout.write(JSON.stringify(answer) + "\n");
}
