// Starts the page: one connection, and each part in its own element.

import { connect } from "./net.js";

const PARTS = [];

const net = connect();
net.on("connected", (there) => document.body.classList.toggle("lost", !there));
net.on("role", (role) => (document.body.dataset.role = role));
net.want({ subscribe: true });
for (const [name, { mount }] of PARTS) mount(document.getElementById(name), net);
