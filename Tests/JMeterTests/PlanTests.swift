// What counts as a plan, and what is said of files that aren't.
import JMeter
import Testing

struct PlanTests {
    @Test func `A missing plan is an error that names the file`() {
        let error = fault { _ = try Plan(contentsOf: "no/such/plan.jmx") }
        #expect(error?.cause == .plan)
        #expect(error?.message == "no/such/plan.jmx: there is no such plan")
    }

    @Test(arguments: [
        ("", nil, "empty"),
        ("<jmeterTestPlan>\n<hashTree>\n</jmeterTestPlan>", 3, "tag mismatch: hashTree"),
        ("<html/>", nil, "not a JMeter test plan: it holds <html>"),
        ("timeStamp,elapsed\n1,2\n", 1, "Start tag expected"),
        ("<?xml version='1.0'?><!DOCTYPE a><jmeterTestPlan/>", nil, "DOCTYPE"),
        ("\u{0}\u{1}\u{2}\u{0}", nil, "UTF-16"),
    ])
    func `A file that is no plan is an error with its line`(text: String, line: Int?, words: String)
    {
        let error = fault { _ = try PlanText.read(text) }
        #expect(error?.cause == .plan)
        #expect(error?.line == line)
        #expect(error?.what.contains(words) == true, "\(error?.what ?? "no error")")
        #expect(error?.hint != nil)
    }

    @Test func `A reference to a control character, which JMeter itself writes, is no fault`()
        throws
    {
        let text = PlanText.plan(PlanText.group("a&#x1;b", threads: "4"))
        let plan = try PlanText.read(text)
        let shared = try plan.shared(ShareOut(workers: 2), worker: 1)
        #expect(String(decoding: shared.bytes, as: UTF8.self).contains("a&#x1;b"))
        #expect(shared.threads == 2)
    }

    @Test func `Numbers come from properties, defaults, variables and nested references`() throws {
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.group("literal", threads: "7")
                    + PlanText.group("default", threads: "${__P(threads,12)}")
                    + PlanText.group("given", threads: "${__P(users)}")
                    + PlanText.group("variable", threads: "${N}")
                    + PlanText.group("nested", threads: "${__property(x,,${__P(y,${N})})}")
                    + PlanText.group("off", threads: "${unknown}", enabled: false),
                variables: [("N", "${__P(n,4)}")]))
        let groups = try plan.threadGroups(properties: ["users": "30", "n": "5"])
        #expect(groups.map(\.threads) == [7, 12, 30, 5, 5, nil])
        #expect(groups.map(\.isEnabled) == [true, true, true, true, true, false])
        #expect(groups[1].expression == "${__P(threads,12)}")
        #expect(groups[0].line == 11)
    }

    @Test(arguments: [
        ("${__P(threads)}", "the property threads is not given", "-J threads"),
        ("${users}", "the plan defines no variable users", "User Defined Variables"),
        ("${__groovy(1+1)}", "__groovy has a value only while JMeter runs", "state the number"),
        ("${__P(threads, 10)}", "is ' 10'", "0 threads"),
        ("ten", "is 'ten'", "0 threads"), ("2.5", "is '2.5'", "0 threads"),
        ("-1", "is '-1'", "0 threads"), ("", "is ''", "0 threads"),
        ("${__P(a", "a ${ is not closed", "write ${name}"),
        ("${loop}", "by way of itself", "User Defined Variables"),
    ])
    func `A number of threads that can't be known is an error before the run`(
        threads: String, words: String, hint: String
    ) throws {
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.group("Buyers", threads: threads), variables: [("loop", "${loop}")]))
        let error = fault { _ = try plan.threadGroups(properties: [:]) }
        #expect(error?.cause == .unresolved)
        #expect(error?.line == 11)
        #expect(error?.message.contains("thread group 'Buyers'") == true)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
    }

    @Test func `What every worker has to itself is warned about, unless it is off`() throws {
        let plan = try PlanText.read(
            PlanText.plan(
                PlanText.group(
                    "g", threads: "1",
                    children: PlanText.element("SyncTimer", "meet", "")
                        + PlanText.element("CounterConfig", "count", "")
                        + PlanText.sampler("${__counter(FALSE,)}"))
                    + PlanText.group(
                        "off", threads: "1", enabled: false,
                        children: PlanText.element("CriticalSectionController", "lock", ""))))
        let texts = try plan.dealt(ShareOut(workers: 2)).notes.map(\.text)
        #expect(texts.contains { $0.contains("SyncTimer 'meet'") })
        #expect(texts.contains { $0.contains("CounterConfig 'count'") })
        #expect(texts.contains { $0.contains("__counter counts on every worker") })
        #expect(!texts.contains { $0.contains("lock") })
        #expect(try plan.dealt(ShareOut(workers: 1)).notes.isEmpty)
    }

    @Test func `A group that only an outside stop ends is warned about`() throws {
        let endless = PlanText.group("endless", threads: "1", loops: -1)
        let scheduled = PlanText.group("scheduled", threads: "1", loops: -1).replacing(
            "<elementProp name=\"ThreadGroup.main_controller\"",
            with: "<boolProp name=\"ThreadGroup.scheduler\">true</boolProp>"
                + "<elementProp name=\"ThreadGroup.main_controller\"")
        let forever = PlanText.group("forever", threads: "1", loops: 5).replacing(
            "<boolProp name=\"LoopController.continue_forever\">false</boolProp>", with: "")
        let plan = try PlanText.read(
            PlanText.plan(endless + scheduled + forever + PlanText.group("short", threads: "1")))
        #expect(
            plan.warnings.map(\.text) == [
                "thread group 'endless' has no end: it runs until it is stopped",
                "thread group 'forever' has no end: it runs until it is stopped",
            ])
    }

    @Test func `A plan cut anywhere, or with any byte changed, is read or refused`() throws {
        let text = PlanText.plan(
            PlanText.group("g", threads: "${__P(a,3)}", children: PlanText.csv("u.csv")))
        let bytes = Array(text.utf8)
        var accepted = 0
        for end in 0..<bytes.count {
            if (try? Plan(Array(bytes[..<end]), path: "p")) != nil { accepted += 1 }
        }
        // Only the last newline can be missed.
        #expect(accepted == 1)
        var random = SeededGenerator(state: 4)
        for _ in 0..<2000 {
            var changed = bytes
            let position = Int.random(in: 0..<bytes.count, using: &random)
            changed[position] = UInt8.random(in: 0...255, using: &random)
            guard let plan = try? Plan(changed, path: "p"),
                let share = try? plan.shared(ShareOut(workers: 2), worker: 1)
            else { continue }
            _ = try Plan(share.bytes, path: "p")
        }
    }
}
