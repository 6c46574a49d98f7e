// Engines that query flow logs, behind one pipe: engine.mjs FOLDER..., in which node_modules are.
//
// Takes a JSON object a line and answers with one: { engine, sql }. DuckDB and ClickHouse run the statements and answer
// with the rows of the last as text, null where there is no value; of Athena's two languages (hive: tables, trino:
// queries) the parsers say what they do not understand. A failure is { error }.
import { existsSync } from "node:fs";
import { createRequire, register } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const folder = name => process.argv.slice(2).find(folder => existsSync(`${folder}/node_modules/${name}`));
const load = name => createRequire(folder(name) + "/")(name);
const statements = sql => sql.split(/;[ \t]*(?:\n|$)/).filter(part => part.trim());

let connection, library, session, parsers;

async function duckdb(sql) {
	if (!connection) {
		const { DuckDBInstance } = load("@duckdb/node-api");
		connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
	}
	let rows = [];
	for (const statement of statements(sql))
		rows = (await connection.runAndReadAll(statement)).getRowsJson();
	return { rows: rows.map(row => row.map(value => value === null ? null : String(value))) };
}

function clickhouse(sql) {
	library ??= load("@chdb/lib-linux-x64-gnu");
	session ??= library.CreateConnection("clickhouse", [`--config-file=${fileURLToPath(new URL("cluster.xml", import.meta.url))}`]);
	let rows = [];
	for (const statement of statements(sql)) {
		const lines = library.QueryWithConnection(session, statement, "TabSeparated").split("\n").slice(0, -1);
		rows = lines.map(line => line.split("\t").map(value => value === "\\N" ? null : value));
	}
	return { rows };
}

async function parse(language, sql) {
	if (!parsers) {
		register("./extensions.mjs", import.meta.url);
		parsers = await import(pathToFileURL(`${folder("dt-sql-parser")}/node_modules/dt-sql-parser/dist/index.js`));
	}
	const wrong = new parsers[language]().validate(sql);
	if (wrong.length)
		throw new Error(`line ${wrong[0].startLine}: ${wrong[0].message}`);
	return { rows: [] };
}

const engines = { duckdb, clickhouse, hive: sql => parse("HiveSQL", sql), trino: sql => parse("TrinoSQL", sql) };

for await (const line of createInterface({ input: process.stdin })) {
	const { engine, sql } = JSON.parse(line);
	let answer;
	try {
		answer = await engines[engine](sql);
	} catch (why) {
		answer = { error: String(why?.message ?? why) };
	}
	process.stdout.write(JSON.stringify(answer) + "\n");
}
if (session)
	library.CloseConnection(session);
