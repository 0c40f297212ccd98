globalThis.__LGUI_agent = { render(name, root) { document.getElementById(root).textContent = name; } };
