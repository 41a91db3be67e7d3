//! As much of the WebAssembly binary format (core specification, section 5.5) as it takes to list imports.

use crate::fail::{Result, fail};

/// What is known of a module.
#[derive(Debug)]
pub struct Module {
    /// What it asks its host for, as `module.name`.
    pub imports: Vec<String>,
    /// Its bytes without custom sections (names and the like, which packages leave out).
    pub bytes: usize,
}

/// Reads a module's outline.
pub fn read(bytes: &[u8]) -> Result<Module> {
    let mut file = Reader(bytes);
    if file.take(8)? != b"\0asm\x01\0\0\0" {
        fail!("this is no WebAssembly module of version 1");
    }
    let mut module = Module { imports: Vec::new(), bytes: bytes.len() };
    while !file.0.is_empty() {
        let start = file.0.len();
        let section = file.byte()?;
        let length = file.number()?;
        let mut content = Reader(file.take(length)?);
        match section {
            0 => module.bytes -= start - file.0.len(),
            2 => {
                let count = content.number()?;
                module.imports = (0..count).map(|_| content.import()).collect::<Result<_>>()?;
            }
            _ => {}
        }
    }
    Ok(module)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let Some((taken, rest)) = self.0.split_at_checked(length) else { fail!("it ends too soon") };
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    /// An unsigned LEB128 number of at most 32 bits.
    fn number(&mut self) -> Result<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        fail!("a number of more than 32 bits")
    }

    fn name(&mut self) -> Result<String> {
        let length = self.number()?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn import(&mut self) -> Result<String> {
        let name = format!("{}.{}", self.name()?, self.name()?);
        match self.byte()? {
            0 => drop(self.number()?),
            1 => {
                self.byte()?;
                self.limits()?;
            }
            2 => self.limits()?,
            3 => drop(self.take(2)?),
            kind => fail!("`{name}` is an import of the unknown kind {kind}"),
        }
        Ok(name)
    }

    fn limits(&mut self) -> Result<()> {
        let both = self.byte()? & 1 == 1;
        self.number()?;
        if both {
            self.number()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn imports_of_all_kinds_are_listed() {
        let functions = b"\x02\x3e\x05\x03env\x03now\x00\x80\x01\x03env\x03tab\x01\x70\x01\x00\x10\x03env\x03mem\x02\x00\x11\
            \x03env\x03glo\x03\x7f\x00\x03env\x03two\x00\x00";
        let mut file = [HEAD, b"\x01\x02\xaa\xbb", functions].concat();
        let length = functions.len() - 2;
        file[13] = u8::try_from(length).unwrap();
        let found = read(&file).unwrap();
        assert_eq!(found.imports, ["env.now", "env.tab", "env.mem", "env.glo", "env.two"]);
    }

    #[test]
    fn a_module_without_imports_has_none() {
        assert!(read(HEAD).unwrap().imports.is_empty());
        let module = read(&[HEAD, b"\x00\x03\x02hi\x03\x02\x01\x00"].concat()).unwrap();
        assert!(module.imports.is_empty());
        assert_eq!(module.bytes, HEAD.len() + 4, "custom sections don't count");
    }

    #[test]
    fn what_is_cut_or_no_module_is_refused() {
        assert!(read(b"GIF89a...").is_err());
        assert!(read(&[HEAD, b"\x02\x09\x01\x03env"].concat()).is_err());
    }
}
